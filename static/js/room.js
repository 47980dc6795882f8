// Where does a session record wait while the network is gone? In this browser's IndexedDB, encrypted by a WebCrypto key that
// cannot be taken out of it, bound to the person signed in. It is sent once, with the same idempotency key, when the network
// is back and the same person is signed in; it is wiped when it was sent, at sign-out, for another person, after 12 hours.
// What ends it is in tablet.js, which every page loads.
import { ask, cleaned, keeps, person } from './tablet.js';
const AGAIN = 4000;
const SKIP = new Set(['csrfmiddlewaretoken']);

async function keyOf() {
  const found = await ask('keys', 'readonly', (turn) => turn.objectStore('keys').get(person()));
  if (found) return found;
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  await ask('keys', 'readwrite', (turn) => turn.objectStore('keys').put(made, person()));
  return made;
}

async function keep(id, room, words) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(words));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(id) }, await keyOf(), plain);
  const row = { person: person(), room, at: Date.now(), iv, sealed, pending: words.pending };
  await ask('records', 'readwrite', (turn) => turn.objectStore('records').put(row, id));
}

async function kept(id) {
  const row = await ask('records', 'readonly', (turn) => turn.objectStore('records').get(id));
  if (!row || row.person !== person()) return null;
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: row.iv, additionalData: new TextEncoder().encode(id) }, await keyOf(), row.sealed);
  return JSON.parse(new TextDecoder().decode(plain));
}

const drop = (id) => ask('records', 'readwrite', (turn) => turn.objectStore('records').delete(id));

const valuesOf = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === 'string' && !SKIP.has(name));

function putBack(form, values) {
  const byName = new Map();
  for (const [name, value] of values) byName.set(name, [...(byName.get(name) || []), value]);
  const rows = Number((byName.get('m-TOTAL_FORMS') || ['1'])[0]);
  const add = form.querySelector('[data-formset-add]');
  for (let have = Number(form.elements.namedItem('m-TOTAL_FORMS').value); add && have < rows; have += 1) add.click();
  for (const field of form.elements) {
    if (!field.name || SKIP.has(field.name)) continue;
    const wanted = byName.get(field.name);
    if (field.type === 'checkbox' || field.type === 'radio') field.checked = Boolean(wanted?.includes(field.value));
    else if (wanted && field.tagName !== 'BUTTON') field.value = wanted[0];
    field.tomselect?.sync();
  }
}

const WORDS = {
  kept: '网络断开：填写的内容已加密保存在这台平板上，恢复后自动送出一次。请不要退出。',
  waiting: '正在送出……',
  signedOut: '登录已过期：内容还加密保存着。请由同一个人重新登录，回到这一页就会送出。',
  back: '已恢复先前填写、还没有送出的内容。',
  none: '这台设备没有安全连接（https），断网时不能保存填写的内容，请及时提交。',
};

class Session {
  constructor(form) { this.form = form; this.id = form.dataset.session; this.room = form.closest('[data-room]').dataset.room; this.pending = false; this.sending = false; this.ready = false; this.early = false; }

  say(name) {
    const box = document.querySelector('[data-kept]');
    if (!box) return;
    box.hidden = !name;
    if (name) box.querySelector('[data-kept-words]').textContent = WORDS[name];
  }

  // What is typed counts from the first key, before the store has answered.
  async start() {
    this.form.addEventListener('input', () => this.later());
    this.form.addEventListener('change', () => this.later());
    this.form.addEventListener('submit', (event) => this.submit(event));
    await cleaned;
    const found = await kept(this.id);
    if (found) {
      putBack(this.form, found.values);
      this.pending = found.pending;
      this.say(found.pending ? 'waiting' : 'back');
    }
    this.ready = true;
    if (this.early && !found) this.later();
    window.addEventListener('online', () => this.send());
    setInterval(() => this.send(), AGAIN);
    if (this.pending) this.send();
  }

  later() {
    this.early = !this.ready;
    if (this.early) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), 400);
  }

  async save() {
    if (!keeps()) return;
    await keep(this.id, this.room, { values: valuesOf(this.form), pending: this.pending });
    const place = this.form.querySelector('[data-kept-at]');
    if (place) place.textContent = `本机已加密保存 ${new Date().toTimeString().slice(0, 5)}`;
  }

  async submit(event) {
    if (event.submitter?.name === 'add_row') return;
    event.preventDefault();
    clearTimeout(this.timer);
    this.pending = true;
    await this.save();
    await this.send();
  }

  async send() {
    if (!this.pending || this.sending) return;
    this.sending = true;
    try { await this.post(); } catch { this.say('kept'); } finally { this.sending = false; }
  }

  // The token may have changed with a new sign-in; the idempotency key never does.
  async post() {
    const body = new URLSearchParams([...valuesOf(this.form), ['csrfmiddlewaretoken', this.form.elements.namedItem('csrfmiddlewaretoken').value]]);
    const answer = await fetch(this.form.action, { method: 'POST', body, redirect: 'manual' });
    if (answer.status === 401 || answer.status === 403) {
      this.say('signedOut');
      return;
    }
    if (answer.status >= 500) { this.say('kept'); return; }
    this.pending = false;
    if (answer.type === 'opaqueredirect') {  // taken; what it leads to is fetched once, by the page itself
      await drop(this.id);
      window.location.assign(this.form.dataset.back);
      return;
    }
    await this.save();
    HTMLFormElement.prototype.submit.call(this.form);  // refused: the server's own page says why, with everything that was typed
  }
}

const form = document.querySelector('form[data-session]');
if (form) {
  const session = new Session(form);
  if (keeps()) session.start();
  else session.say('none');
}
