import { createSSRApp } from "vue";
import { renderToString } from "vue/server-renderer";
import { App } from "./vue.js";

process.stdout.write(await renderToString(createSSRApp(App)));
