/**
 * Byte budget of the script alone: brotli 11.
 *
 * What a visitor loads, with a configuration and the banner that the service makes of it, is measured by
 * tests/banner/test_bytes.py, on the real thing.
 */
import { brotliCompressSync, constants } from "node:zlib";

export const brotli = (text) =>
  brotliCompressSync(Buffer.from(text), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
