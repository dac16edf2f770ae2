/** For Vue 3.3 and later. What is gated is absent on the server and in the first render in the browser. */
import {
  type ComputedRef,
  computed,
  defineComponent,
  type MaybeRefOrGetter,
  onMounted,
  onUnmounted,
  ref,
  toValue,
} from "vue";
import { granted, subscribe } from "./index.js";

/** Whether all of the purposes, separated by spaces, may act now. Call it in `setup`. */
export function useConsent(purpose: MaybeRefOrGetter<string>): ComputedRef<boolean> {
  const heard = ref(0);
  let stop = () => {};
  onMounted(() => {
    heard.value = 1;
    stop = subscribe(() => {
      heard.value += 1;
    });
  });
  onUnmounted(() => stop());
  return computed(() => heard.value > 0 && granted(toValue(purpose)));
}

/** Its slot `default` is mounted while all of the purposes are granted, its slot `otherwise` while they are not. */
export const Gated = defineComponent({
  name: "Gated",
  props: { purpose: { type: String, required: true } },
  setup(props, { slots }) {
    const consent = useConsent(() => props.purpose);
    return () => (consent.value ? slots["default"]?.() : slots["otherwise"]?.());
  },
});
