// Until when does a tablet keep what was typed in a reception room?  The store itself (IndexedDB, sealed by a WebCrypto key that
// cannot be taken out of it) is used by room.js alone; what ends it stands here, loaded by every page of the office and by the
// sign-in page: it is wiped at sign-out, and row by row when it is half a day old, somebody else's, or of a party that has gone.
const NAME = 'room', HALF_DAY = 12 * 3600 * 1000, EVERY = 60 * 1000;
let signedOut = false;  // nothing is kept any more once the wiping has begun
export const person = () => document.body.dataset.signedIn || '';
export const keeps = () => Boolean(!signedOut && window.isSecureContext && window.crypto?.subtle && window.indexedDB);

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => { asked.result.createObjectStore('keys'); asked.result.createObjectStore('records'); };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

// Do one thing in one transaction over ``stores``; resolved when that is written.
export async function ask(stores, mode, act) {
  const base = await open();
  try {
    return await new Promise((resolve, reject) => {
      const turn = base.transaction(stores, mode);
      const asked = act(turn);
      turn.oncomplete = () => resolve(asked?.result);
      turn.onerror = turn.onabort = () => reject(turn.error);
    });
  } finally { base.close(); }
}

export function wipe() {
  signedOut = true;
  if (!window.indexedDB) return Promise.resolve();
  return new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(NAME);
    asked.onsuccess = asked.onerror = asked.onblocked = () => resolve();
  });
}

// Opening would make a store where there is none.
async function there() {
  if (!keeps()) return false;
  return !indexedDB.databases || (await indexedDB.databases()).some((one) => one.name === NAME);
}

// The parties that this page, fresh from the office, knows in its room or waiting for it; null on every other page.
function room() {
  const place = document.querySelector('[data-room]');
  return place && { ref: place.dataset.room, parties: new Set(place.dataset.parties.split(' ')) };
}

// Where nobody is signed in only age counts: a session that ran out leaves what was typed to the same person.
function over(id, row, here) {
  const others = person() && row.person !== person();
  const gone = here && row.room === here.ref && !here.parties.has(id);
  return others || gone || Date.now() - row.at > HALF_DAY;
}

// Row by row; a key goes with the last row of somebody else's.  ``here``: asked as the page opens and not on the timer, when its list is old.
export async function clean(here = null) {
  if (!await there()) return;
  await ask(['records', 'keys'], 'readwrite', (turn) => {
    const owners = new Set([person()]);
    turn.objectStore('records').openCursor().onsuccess = ({ target: { result: at } }) => {
      if (at) {
        if (over(at.key, at.value, here)) at.delete(); else owners.add(at.value.person);
        at.continue();
        return;
      }
      turn.objectStore('keys').openKeyCursor().onsuccess = ({ target: { result: key } }) => {
        if (!key) return;
        if (!owners.has(key.key)) turn.objectStore('keys').delete(key.key);
        key.continue();
      };
    };
  });
}

// room.js waits for this before it looks for what it kept.
export let cleaned = Promise.resolve();

// Signing out wipes first, then goes.
function signOut(event) {
  const form = event.target;
  if (!form.matches?.('[data-sign-out]') || form.dataset.wiped) return;
  event.preventDefault();
  form.dataset.wiped = '1';
  wipe().then(() => HTMLFormElement.prototype.submit.call(form));
}

export function startTablet() {
  document.addEventListener('submit', signOut, true);
  cleaned = clean(room()).catch(() => {});
  setInterval(() => clean().catch(() => {}), EVERY);
}
