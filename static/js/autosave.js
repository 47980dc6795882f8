// How does a draft save itself, and what happens when the session has ended meanwhile? Nothing typed is lost.
import { drop, keep, kept, putBack, settle, valuesOf, wipe } from './keep.js';
import { markSaved } from './forms.js';

const WAIT = 1500;
const AGAIN = 15000;
const timers = new WeakMap();
const unsaved = new Set();
let resting = false;

const SHANGHAI = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'Asia/Shanghai' };
const clock = () => new Intl.DateTimeFormat('zh-CN', SHANGHAI).format(new Date());
const moment = (at) => new Intl.DateTimeFormat('zh-CN', { ...SHANGHAI, month: 'long', day: 'numeric' }).format(new Date(at));
const tokenOf = (form) => form.elements.namedItem('csrfmiddlewaretoken')?.value || '';

function say(form, text, state = 'saved') {
  const line = form.querySelector('[data-saved]') || document.querySelector('[data-saved]');
  if (!line) return;
  line.textContent = text;
  line.dataset.state = state;
}

function later(form, wait = WAIT) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), wait));
}

async function save(form) {
  if (form.dataset.sent || !form.isConnected) return;
  const body = new FormData();
  for (const [name, value] of valuesOf(form)) body.append(name, value);
  let answer;
  try {
    answer = await fetch(form.dataset.autosaveUrl, { method: 'POST', body, redirect: 'manual', credentials: 'same-origin',
      headers: { 'X-CSRFToken': tokenOf(form), 'X-Autosave': '1', Accept: 'application/json' } });
  } catch {
    return notReached(form);
  }
  if (answer.type === 'opaqueredirect' || answer.status === 401 || answer.status === 403) return signedOut(form);
  if (!answer.ok) return notReached(form);
  saved(form, answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : {});
}

function saved(form, news) {
  if (news.autosave_url) form.dataset.autosaveUrl = news.autosave_url;
  const draft = news.draft && form.elements.namedItem('draft');
  if (draft) draft.value = news.draft;
  drop(form);
  unsaved.delete(form);
  markSaved(form);
  document.getElementById('signed-out')?.remove();
  say(form, `已自动保存 ${clock()}`);
}

function notReached(form) {
  keep(form);
  unsaved.add(form);
  say(form, '没有连上，文字暂存在这一页，会再试', 'failed');
  later(form, AGAIN);
}

function signedOut(form) {
  const safe = keep(form);
  unsaved.add(form);
  say(form, '登录已过期，尚未保存', 'failed');
  if (document.getElementById('signed-out')) return;
  const url = document.body.dataset.signInUrl;
  notice(form, 'signed-out', '登录已过期', `您填的内容${safe ? '都还在这一页' : '还在这一页，请不要关闭'}。请在新窗口重新登录，回到这里会自动保存。`,
    (line) => { if (url) line.append(link('重新登录', url), button('我已登录，现在保存', () => comeBack())); });
}

function notice(form, id, title, text, fill) {
  const box = document.createElement('div');
  box.id = id;
  box.className = 'notice notice--soon notice--pinned';
  box.setAttribute('role', 'alert');
  const body = document.createElement('div');
  body.className = 'notice-body';
  const head = document.createElement('strong');
  head.textContent = title;
  const words = document.createElement('p');
  words.textContent = text;
  const line = document.createElement('p');
  line.className = 'btn-line';
  fill(line);
  body.append(head, words, line);
  box.append(body);
  form.before(box);
}

function link(label, href) {
  const made = document.createElement('a');
  Object.assign(made, { className: 'btn btn-primary btn-sm', textContent: label, href, target: '_blank', rel: 'noopener' });
  return made;
}

function button(label, act) {
  const made = document.createElement('button');
  Object.assign(made, { type: 'button', className: 'btn btn-sm', textContent: label });
  made.addEventListener('click', act);
  return made;
}

// Signing in changes the CSRF token: take the new one from a fresh copy of this very page, and only if the same person is back.
async function comeBack() {
  if (!unsaved.size || resting) return;
  resting = true;
  try {
    const answer = await fetch(window.location.href, { credentials: 'same-origin', redirect: 'manual' });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const token = page.querySelector('[name=csrfmiddlewaretoken]')?.value;
    if (!token || page.body.dataset.signedIn !== document.body.dataset.signedIn) return;
    for (const field of document.querySelectorAll('[name=csrfmiddlewaretoken]')) field.value = token;
    document.body.setAttribute('hx-headers', JSON.stringify({ 'X-CSRFToken': token }));
    for (const form of [...unsaved]) await save(form);
  } catch { /* not reached: the timer tries again */ } finally { resting = false; }
}

function offer(form) {
  const found = kept(form);
  if (!found) return;
  // The answer to a refused form already carries what was typed.
  if (document.querySelector('.errors')) { drop(form); return; }
  notice(form, 'put-back', '上次有没送出的内容', `${moment(found.at)} 在这一页填写，还没有保存。`, (line) => {
    const done = () => document.getElementById('put-back').remove();
    line.append(button('恢复这些内容', () => { putBack(form, found.values); done(); if (form.dataset.autosaveUrl) later(form); }),
      button('不要了', () => { drop(form); done(); }));
  });
}

export function startAutosave() {
  settle();
  document.querySelectorAll('form[data-autosave-url], form[data-guard-unsaved]').forEach(offer);
  const touch = (event) => { const form = event.target.form; if (form?.dataset.autosaveUrl) later(form); };
  document.addEventListener('input', touch);
  document.addEventListener('change', touch);
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if ('signOut' in form.dataset) wipe();
    else if (form.matches('[data-autosave-url], [data-guard-unsaved]')) { clearTimeout(timers.get(form)); keep(form, true); }
  }, true);
  window.addEventListener('focus', comeBack);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) comeBack(); });
}
