/** Compiles where the package's types say what its documents say. */
import { granted, load, subscribe, type Temoin, type TemoinReceipt, temoin } from "@temoin/sdk";
import { Gated, useConsent } from "@temoin/sdk/react";
import { type FakeTemoin, fakeTemoin } from "@temoin/sdk/testing";
import { Gated as VueGated, useConsent as useVueConsent } from "@temoin/sdk/vue";
import type { ComputedRef } from "vue";

export const fake: FakeTemoin = fakeTemoin("audience");
export const loaded: Promise<Temoin | null> = load({ src: "/s/shop.js", nonce: "n" });
export const stop: () => void = subscribe(() => {});
export const receipt: Promise<TemoinReceipt | null> = temoin.save({ audience: true });
export const off: () => void = temoin.on("change", ({ choices }) => choices["audience"] === granted("audience ads"));
export const other: Temoin = window.temoin;
export const vue: ComputedRef<boolean> = useVueConsent(() => "audience");
export const Component = VueGated;

export function Film() {
  const all: boolean = useConsent("video audience");
  return (
    <Gated purpose="video" otherwise={<p>No</p>}>
      {String(all)}
    </Gated>
  );
}

// @ts-expect-error a purpose is needed
export const missing = <Gated />;
// @ts-expect-error there is no such event
temoin.on("changed", () => {});
