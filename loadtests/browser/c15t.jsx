// The documented way to a c15t banner without its backend: provider, banner, dialog.
import { ConsentBanner, ConsentDialog, ConsentManagerProvider, policyPackPresets } from "@c15t/react";
import { createRoot } from "react-dom/client";

const options = {
  mode: "offline",
  offlinePolicy: { policyPacks: [policyPackPresets.europeOptIn()] },
  overrides: { country: "DE" },
  ...window.c15tSite,
};
const root = document.createElement("div");
document.body.append(root);
createRoot(root).render(
  <ConsentManagerProvider options={options}>
    <ConsentBanner />
    <ConsentDialog />
  </ConsentManagerProvider>,
);
