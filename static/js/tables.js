// How is a list walked? The whole row is the link, arrows or j/k move, x or space picks, Shift+X picks a stretch, a bar counts.
import { isComposing, isWriting, lettersOff } from './keys.js';

const ROWS = 'tr[data-href]';
const ALL_ROWS = `table[data-rows] ${ROWS}`;
const linkOf = (row) => row.querySelector('[data-row-link]') || row.querySelector('a[href]');
const rowsOf = () => [...document.querySelectorAll(ALL_ROWS)].filter((row) => row.offsetParent !== null);
const tickOf = (row) => row.querySelector('[data-pick]');
// Where a stretch begins: the row that was picked last.
let anchor = null;

function onClick(event) {
  const row = event.target.closest?.(ROWS);
  if (!row || event.defaultPrevented || event.target.closest('a, button, input, label, select, summary, .pick')) return;
  if (window.getSelection()?.toString()) return;
  if (event.ctrlKey || event.metaKey || event.button === 1) window.open(row.dataset.href, '_blank', 'noopener');
  else window.location.assign(row.dataset.href);
}

function stand(row) {
  if (!row) return false;
  linkOf(row)?.focus();
  row.scrollIntoView({ block: 'nearest' });
  return true;
}

// The row a key leads to; from nowhere in particular the first one is entered.
function goal(key, row) {
  const rows = rowsOf();
  const at = row ? rows.indexOf(row) : -1;
  const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: row ? at - 1 : 0, k: row ? at - 1 : 0, Home: row && 0, End: row && rows.length - 1 }[key];
  return to === undefined || to === null ? undefined : rows[to];
}

function pick(row) {
  const tick = tickOf(row);
  if (!tick) return false;
  tick.click();
  anchor = row;
  return true;
}

function pickStretch(row) {
  if (!tickOf(row)) return false;
  const rows = rowsOf().filter((one) => one.closest('table') === row.closest('table'));
  const [from, to] = [rows.indexOf(anchor ?? row), rows.indexOf(row)].sort((a, b) => a - b);
  for (const one of rows.slice(Math.max(from, 0), to + 1)) tickOf(one).checked = true;
  anchor = row;
  tally(row.closest('table'));
  return true;
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event) || isComposing(event)) return;
  if (document.querySelector('dialog[open]')) return;
  const letter = event.key.length === 1 && event.key !== ' ';
  if (letter && lettersOff()) return;
  const row = event.target.closest?.(ALL_ROWS);
  if (!row && event.target !== document.body && event.target.id !== 'main' && !letter) return;
  const onBox = event.target.matches?.('input, button');
  const done = stand(goal(event.key, row))
    || row && (event.key === 'x' || event.key === ' ' && !onBox) && pick(row)
    || row && event.key === 'X' && pickStretch(row);
  if (done) event.preventDefault();
}

function tally(table) {
  const ticks = [...table.querySelectorAll('[data-pick]')];
  const picked = ticks.filter((tick) => tick.checked);
  for (const tick of ticks) tick.closest('tr').classList.toggle('is-picked', tick.checked);
  const all = table.querySelector('[data-pick-all]');
  if (all) {
    all.checked = picked.length > 0 && picked.length === ticks.length;
    all.indeterminate = picked.length > 0 && picked.length < ticks.length;
  }
  const bar = (table.closest('form') || document).querySelector('[data-bulk-bar]');
  if (!bar) return;
  bar.toggleAttribute('data-none', picked.length === 0);
  bar.querySelector('[data-bulk-count]').textContent = picked.length;
}

function onPick(event) {
  const table = event.target.closest?.('table');
  if (!table || !event.target.matches('[data-pick], [data-pick-all]')) return;
  if (event.target.matches('[data-pick-all]')) for (const tick of table.querySelectorAll('[data-pick]')) tick.checked = event.target.checked;
  else anchor = event.target.closest(ROWS);
  tally(table);
}

// Who comes back from a matter stands where he left the list.
const placeKey = () => `row:${window.location.pathname}${window.location.search}`;

function remember() {
  const row = document.activeElement?.closest?.(ALL_ROWS);
  if (row) window.sessionStorage.setItem(placeKey(), row.dataset.href);
}

function returnTo() {
  if (window.performance.getEntriesByType('navigation')[0]?.type !== 'back_forward') return;
  const href = window.sessionStorage.getItem(placeKey());
  if (href) stand(rowsOf().find((row) => row.dataset.href === href));
}

export function readyTables(root) {
  for (const all of root.querySelectorAll('[data-pick-all]')) all.hidden = false;
  for (const table of root.querySelectorAll('table[data-rows]')) tally(table);
}

export function startTables() {
  document.addEventListener('click', onClick);
  document.addEventListener('auxclick', (event) => { if (event.button === 1) onClick(event); });
  document.addEventListener('keydown', onKey);
  document.addEventListener('change', onPick);
  window.addEventListener('pagehide', remember);
  returnTo();
}
