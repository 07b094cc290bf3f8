// Calls: the server gives out call sheets, so that no number is called by two at once; the
// introduction stands on the page with the outcomes and their keys.
const PATIENCE = 15_000;
const introduction = document.querySelector("#introduction");

// Gives the sheet to be called ({ serial, number, attempt, plan }), or why there is none (refused).
export async function openCall(address, serial, say) {
  let reply;
  try {
    reply = await fetch(`${address}/calls/open`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ serial }),
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return { refused: say.noCallOffline };
  }
  if (reply.ok) return reply.json();
  if (reply.status === 401) return { refused: say.obstacles["signed-out"] };
  if (reply.status === 429 || reply.status >= 500) return { refused: say.noCallOffline };
  return { refused: reasonOf(await reply.json(), say) };
}

function reasonOf({ code, title, faults }, say) {
  const reasons = faults.length ? faults : [{ code, message: title }];
  return reasons.map((one) => say.faults[one.code] ?? one.message).join(" ");
}

export function showIntroduction(shown) {
  introduction.hidden = !shown;
}

// Gives the result that a key stands for ("completed" begins the interview), if any.
export function resultOf(key) {
  const wanted = key === "Enter" ? "1" : key;
  const line = [...introduction.querySelectorAll("li")].find((one) => one.dataset.key === wanted);
  return line?.dataset.result;
}

export function labelOf(result) {
  return introduction.querySelector(`[data-result="${result}"] span`).textContent;
}
