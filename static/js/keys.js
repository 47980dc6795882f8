// Which keys work everywhere? "/" finds, "N" registers, PageUp/PageDown turn pages with Alt. Never while someone writes.
export function isWriting(event) {
  const target = event.target;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest?.('.ts-wrapper');
}

// An input method is composing: Enter and letters belong to it (keyCode 229 is what old Chromium says on Windows).
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

function follow(event) {
  if (event.key === '/') return focusSearch();
  if (event.key === 'n' || event.key === 'N') return go(document.body.dataset.keyUrl);
  return false;
}

function focusSearch() {
  const box = document.querySelector('[data-key-search]');
  box?.focus();
  box?.select();
  return Boolean(box);
}

function go(url) {
  if (!url) return false;
  window.location.assign(url);
  return true;
}

export function startKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || isComposing(event)) return;
    if (event.altKey && (event.key === 'PageUp' || event.key === 'PageDown')) {
      const link = document.querySelector(`a[data-key="${event.key}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event)) return;
    if (follow(event)) event.preventDefault();
  });
}
