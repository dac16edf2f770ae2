/** A small shop: a film behind `video`, a counter behind two purposes at once. */
import { temoin } from "@temoin/sdk";
import { Gated, useConsent } from "@temoin/sdk/react";
import { useEffect, useState } from "react";

function Film() {
  useEffect(() => {
    document.title = "playing";
    return () => {
      document.title = "stopped";
    };
  }, []);
  return <p id="film">Film</p>;
}

export function App() {
  const both = useConsent("audience ads");
  const [purpose, setPurpose] = useState("video");
  return (
    <main>
      <Gated purpose={purpose} otherwise={<p id="otherwise">No film</p>}>
        <Film />
      </Gated>
      <output id="both">{String(both)}</output>
      <button id="other" type="button" onClick={() => setPurpose("nothing")}>
        Another purpose
      </button>
      <button id="withdraw" type="button" onClick={() => temoin.withdraw()}>
        Withdraw
      </button>
    </main>
  );
}
