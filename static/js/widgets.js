// Small helpers of a page: copying, printing, menus that close, selects that can be searched, forms that send themselves.
function copy(button) {
  const label = button.querySelector('span') || button;
  const before = label.textContent;
  const done = () => { label.textContent = '已复制'; setTimeout(() => { label.textContent = before; }, 2000); };
  if (navigator.clipboard) { navigator.clipboard.writeText(button.dataset.copy).then(done); return; }
  // Plain http in an office network has no clipboard interface.
  const area = document.createElement('textarea');
  area.value = button.dataset.copy;
  area.className = 'visually-hidden';
  document.body.append(area);
  area.select();
  if (document.execCommand('copy')) done();
  area.remove();
}

function onClick(event) {
  const target = event.target.closest?.('[data-copy], [data-print], [data-close]');
  if (target?.dataset.copy !== undefined) copy(target);
  else if (target?.dataset.print !== undefined) window.print();
  else if (target) document.querySelector(target.dataset.close)?.replaceChildren();
  for (const menu of document.querySelectorAll('details.menu[open], details[data-menu][open]')) if (!menu.contains(event.target)) menu.open = false;
}

// A link of the error summary leads to where one can type: the searched select's box, the first button of a set.
function toField(event) {
  const link = event.target.closest?.('.errors a[href^="#"]');
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  const place = field.tomselect?.control_input || (field.matches('input, select, textarea') ? field : field.querySelector('input, select, textarea'));
  if (!place) return;
  event.preventDefault();
  place.focus();
  place.closest('.field')?.scrollIntoView({ block: 'center' });
}

function onEscape(event) {
  if (event.key !== 'Escape') return;
  const menu = document.querySelector('details.menu[open], details[data-menu][open]');
  if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
}

let loading = null;
function tomSelect() {
  const source = document.body.dataset.tomSelect;
  loading ||= source ? import(source).then(() => window.TomSelect) : Promise.resolve(null);
  return loading;
}

async function enrich(select) {
  if (select.tomselect || select.dataset.search === 'off') return;
  const TomSelect = await tomSelect();
  if (!TomSelect || select.tomselect || !select.isConnected) return;
  const made = new TomSelect(select, {
    // Filtered at once: Enter right after the last letter takes what was typed, not what stood first before.
    create: false, refreshThrottle: 0, maxOptions: 300, hideSelected: false, selectOnTab: true, copyClassesToDropdown: false, placeholder: select.dataset.placeholder || '可输入查找',
    onDropdownOpen: (dropdown) => dropdown.scrollIntoView({ block: 'nearest' }),
    searchField: ['text', 'words'], sortField: [{ field: '$order' }],
    render: { no_results: () => '<div class="no-results">没有找到</div>' },
  });
  // The library takes the focus by a timer; on a slow machine that comes after the choice and opens the list over it.
  made.hook('instead', 'focus', () => {
    if (made.isDisabled || made.isReadOnly) return;
    made.ignoreFocus = true;
    (made.control_input.offsetWidth ? made.control_input : made.focus_node).focus();
    made.ignoreFocus = false;
    if (!made.isFocused) made.onFocus();
  });
  const label = select.id && document.querySelector(`label[for="${CSS.escape(select.id)}-ts-control"], label[for="${CSS.escape(select.id)}"]`);
  const name = label?.firstChild.textContent.trim() || select.getAttribute('aria-label') || select.dataset.placeholder || '选择';
  select.setAttribute('aria-label', name);
  made.dropdown_content.setAttribute('aria-label', name);
  const described = select.getAttribute('aria-describedby');
  if (described) made.control_input.setAttribute('aria-describedby', described);
  if (select.getAttribute('aria-invalid')) made.control_input.setAttribute('aria-invalid', 'true');
}

export function readyWidgets(root) {
  for (const button of root.querySelectorAll('[data-copy][hidden], [data-print][hidden]')) button.hidden = false;
  for (const select of root.querySelectorAll('select[data-search]')) enrich(select);
}

export function startWidgets() {
  document.addEventListener('click', onClick);
  document.addEventListener('click', toField);
  document.addEventListener('keydown', onEscape);
  document.addEventListener('change', (event) => { if (event.target.matches?.('[data-submit-on-change]')) event.target.form.requestSubmit(); });
}
