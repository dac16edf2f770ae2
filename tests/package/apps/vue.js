/** The same shop in Vue. */
import { temoin } from "@temoin/sdk";
import { Gated, useConsent } from "@temoin/sdk/vue";
import { h, onMounted, onUnmounted, ref } from "vue";

const Film = {
  setup() {
    onMounted(() => {
      document.title = "playing";
    });
    onUnmounted(() => {
      document.title = "stopped";
    });
    return () => h("p", { id: "film" }, "Film");
  },
};

export const App = {
  setup() {
    const both = useConsent("audience ads");
    const purpose = ref("video");
    const slots = { default: () => h(Film), otherwise: () => h("p", { id: "otherwise" }, "No film") };
    const another = () => {
      purpose.value = "nothing";
    };
    return () =>
      h("main", [
        h(Gated, { purpose: purpose.value }, slots),
        h("output", { id: "both" }, String(both.value)),
        h("button", { id: "other", onClick: another }, "Another purpose"),
        h("button", { id: "withdraw", onClick: () => temoin.withdraw() }, "Withdraw"),
      ]);
  },
};
