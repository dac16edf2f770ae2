import { temoin } from "@temoin/sdk";
import { renderToString } from "react-dom/server";
import { App } from "./react.jsx";

const receipt = await temoin.acceptAll();
const known = await temoin.ready;
if (receipt !== null || known.has("video")) throw new Error("something is granted on a server");
process.stdout.write(renderToString(<App />));
