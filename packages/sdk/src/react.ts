"use client";
/** For React 18 and later. What is gated is absent on the server and in the first render in the browser. */
import { type ReactNode, useSyncExternalStore } from "react";
import { granted, subscribe } from "./index.js";

/** Whether all of the purposes, separated by spaces, may act now; renders again when that changes. */
export const useConsent = (purpose: string): boolean =>
  useSyncExternalStore(
    subscribe,
    () => granted(purpose),
    () => false,
  );

export interface GatedProps {
  /** Purposes, separated by spaces: all are needed. */
  purpose: string;
  /** Mounted while they are granted, unmounted when they no longer are. */
  children?: ReactNode;
  /** Shown while they are not. */
  otherwise?: ReactNode;
}

export function Gated({ purpose, children, otherwise = null }: GatedProps): ReactNode {
  return useConsent(purpose) ? children : otherwise;
}
