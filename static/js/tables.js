// How is a list walked? The whole row is the link, arrows move, space picks, a bar counts what is picked.
const ROWS = 'tr[data-href]';
const linkOf = (row) => row.querySelector('[data-row-link]') || row.querySelector('a[href]');

function rowsAround(row) { return [...row.closest('table').querySelectorAll(ROWS)]; }

function onClick(event) {
  const row = event.target.closest?.(ROWS);
  if (!row || event.defaultPrevented || event.target.closest('a, button, input, label, select, summary, .pick')) return;
  if (window.getSelection()?.toString()) return;
  if (event.ctrlKey || event.metaKey || event.button === 1) window.open(row.dataset.href, '_blank', 'noopener');
  else window.location.assign(row.dataset.href);
}

function step(row, key) {
  const rows = rowsAround(row);
  const at = rows.indexOf(row);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[key];
  if (to === undefined || !rows[to]) return false;
  linkOf(rows[to])?.focus();
  rows[to].scrollIntoView({ block: 'nearest' });
  return true;
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest?.(ROWS);
  if (!row) return enter(event);
  if (event.target.matches('input:not([type=checkbox]), select, textarea')) return;
  if (step(row, event.key)) event.preventDefault();
  else if (event.key === ' ' && !event.target.matches('input, button')) {
    const tick = row.querySelector('[data-pick]');
    if (tick) { event.preventDefault(); tick.click(); }
  }
}

// From nowhere in particular, an arrow down enters the list.
function enter(event) {
  if (event.key !== 'ArrowDown' || event.target !== document.body && event.target.id !== 'main') return;
  const row = document.querySelector(`table[data-rows] ${ROWS}`);
  if (row) { event.preventDefault(); linkOf(row)?.focus(); }
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
  tally(table);
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
}
