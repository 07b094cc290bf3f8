// Keyed forms stay on this computer until the server has said that it stored them. One record per
// keyer and serial; the marks are forgotten once they are stored. Sending a form again is harmless:
// its serial makes it the same entry.
const HOURS_SHOWN = 16;
const PATIENCE = 15_000;

export async function openQueue(keyer, batchAddress) {
  const database = await open();
  const draftId = `${keyer} ${batchAddress}`;
  let sending = null;
  await forgetOld();
  return { add, keepDraft, takeDraft, list, remove, find, send };

  // Resolves when the form is on the disk; its draft goes in the same transaction.
  function add(form) {
    const record = { ...form, id: idOf(form.serial), keyer, address: batchAddress, state: "waiting" };
    return write(["forms", "drafts"], (forms, drafts) => {
      forms.put({ ...record, at: Date.now(), reasons: [] });
      drafts.delete(draftId);
    });
  }

  function keepDraft(draft) {
    return write(["drafts"], (drafts) =>
      draft ? drafts.put({ ...draft, id: draftId }) : drafts.delete(draftId),
    );
  }

  function takeDraft() {
    return read("drafts", (drafts) => drafts.get(draftId));
  }

  async function list() {
    const all = await read("forms", (forms) => forms.getAll());
    return all.filter((form) => form.keyer === keyer).sort((a, b) => b.at - a.at);
  }

  function find(serial) {
    return read("forms", (forms) => forms.get(idOf(serial)));
  }

  function remove(serial) {
    return write(["forms"], (forms) => forms.delete(idOf(serial)));
  }

  // Sends what waits, oldest first, one by one; tells what stands in the way, if anything.
  // A lock keeps two windows from sending the same queue at once.
  function send(onChange) {
    sending ??= navigator.locks.request("minyi-keying", () => sendAll(onChange)).finally(() => {
      sending = null;
    });
    return sending;
  }

  async function sendAll(onChange) {
    for (;;) {
      const form = (await list()).filter((one) => one.state === "waiting").at(-1);
      if (!form) return "";
      const obstacle = await deliver(form);
      await onChange();
      if (obstacle) return obstacle;
    }
  }

  async function deliver(form) {
    let reply;
    try {
      reply = await post(form);
    } catch {
      return "offline";
    }
    if (reply.ok) {
      const marks = form.result === "call_back" ? form.marks : null; // the interview goes on later
      await settle({ ...form, state: "stored", marks });
      return "";
    }
    if (reply.status === 401) return "signed-out";
    if (reply.status === 403) return "not-allowed";
    if (reply.status === 429 || reply.status >= 500) return "busy";
    await settle({ ...form, state: "refused", reasons: await reasonsOf(reply) });
    return "";
  }

  function settle(form) {
    return write(["forms"], (forms) => forms.put(form));
  }

  function idOf(serial) {
    return `${keyer} ${serial}`;
  }

  async function forgetOld() {
    const limit = Date.now() - HOURS_SHOWN * 3_600_000;
    for (const form of await list()) {
      if (form.state === "stored" && form.at < limit) await remove(form.serial);
    }
  }

  function write(names, change) {
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(names, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      change(...names.map((name) => transaction.objectStore(name)));
    });
  }

  function read(name, ask) {
    return new Promise((resolve, reject) => {
      const request = ask(database.transaction(name).objectStore(name));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
}

function post({ address, serial, marks, seconds, keyer, attempt, result }) {
  const told = result ? { attempt, result } : { marks, seconds };
  return fetch(`${address}/${result ? "calls" : "entries"}`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ keyer, serial, ...told }),
    signal: AbortSignal.timeout(PATIENCE),
  });
}

async function reasonsOf(reply) {
  try {
    const { code, title, faults } = await reply.json();
    return faults.length ? faults : [{ field: "", code, message: title }];
  } catch {
    return [{ field: "", code: "unexpected", message: String(reply.status) }];
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("minyi-keying", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("forms", { keyPath: "id" });
      request.result.createObjectStore("drafts", { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
