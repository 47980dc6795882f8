// How are rows of a form added and taken away without asking the server? The server can do both by itself as well.
function total(box) { return box.querySelector('[name$="-TOTAL_FORMS"]'); }

function renumber(box) {
  let number = 0;
  for (const row of box.querySelectorAll('[data-formset-row]')) {
    if (row.closest('template') || row.hasAttribute('data-removed')) continue;
    number += 1;
    row.querySelector('[data-formset-number]').textContent = number;
  }
}

function add(box) {
  const count = total(box);
  const most = Number(box.querySelector('[name$="-MAX_NUM_FORMS"]')?.value || 1000);
  if (Number(count.value) >= most) return;
  const empty = box.querySelector('template[data-formset-empty]');
  const made = document.createElement('template');
  made.innerHTML = empty.innerHTML.replaceAll('__prefix__', count.value);
  const row = made.content.querySelector('[data-formset-row]');
  box.querySelector('[data-formset-rows]').append(row);
  count.value = Number(count.value) + 1;
  renumber(box);
  window.htmx?.process(row);
  row.dispatchEvent(new CustomEvent('htmx:load', { bubbles: true, detail: { elt: row } }));
  row.querySelector('input:not([type=hidden]), select, textarea')?.focus();
}

function remove(row, gone) {
  row.toggleAttribute('data-removed', gone);
  renumber(row.closest('[data-formset]'));
}

export function startFormsets() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-formset-add]');
    if (!button) return;
    event.preventDefault();
    add(button.closest('[data-formset]'));
  });
  document.addEventListener('change', (event) => {
    const row = event.target.closest('[data-formset-delete]')?.closest('[data-formset-row]');
    if (row) remove(row, event.target.checked);
  });
}
