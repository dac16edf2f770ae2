/** The queue stub of sdk/stub, as a function: build.mjs puts it there. */
declare module "temoin:queue" {
  export default function queue(): void;
}
