/** The measurement without a banner: a script of its own, for sites that have nothing to ask. */
import { guard } from "../guard";
import { measure } from "./measure";

declare const __TEMOIN_MEASURE__: { url: string; search: string[]; objections: string[] };

guard(() => measure({ ...__TEMOIN_MEASURE__, consented: () => false }))();
