// What does a person hear when a part of the page was asked for and did not come? And where does the focus go when it did?
const WORDS = { 401: '登录已过期，请重新登录', 403: '您现在的岗位不能这样做', 404: '没有找到，或者不在您的范围内', 429: '操作太频繁，请稍等一会儿再试', 500: '系统出了问题，请过一会儿再试' };

function tell(text) {
  const place = document.getElementById('messages');
  if (!place) return;
  const box = document.createElement('div');
  box.className = 'notice notice--late';
  box.setAttribute('role', 'alert');
  const body = document.createElement('div');
  body.className = 'notice-body';
  body.textContent = `${text}。没有改动任何数据，您填的内容还在。`;
  box.append(body);
  place.replaceChildren(box);
  box.scrollIntoView({ block: 'nearest' });
}

// Which answers are shown? A swapped-in sign-in page would fill a small part of the screen: say it instead.
function onBeforeSwap(event) {
  const asked = event.detail.xhr.responseURL;
  // A refused step says its rule in the step's own place, whatever the status.
  if (event.detail.target?.id === 'step' && event.detail.xhr.getResponseHeader('X-Refusal')) Object.assign(event.detail, { shouldSwap: true, isError: false });
  const door = document.body.dataset.signInUrl;
  if (!door || !asked || new URL(asked).pathname !== door) return;
  event.detail.shouldSwap = false;
  tell(WORDS[401]);
}

export function focusWhatMatters(root) {
  const place = root.matches?.('[data-focus]') ? root : root.querySelector?.('[data-focus]');
  place?.focus();
}

export function startRequests() {
  document.addEventListener('htmx:responseError', (event) => tell(WORDS[event.detail.xhr.status] || WORDS[500]));
  document.addEventListener('htmx:sendError', () => tell('没有连上服务器'));
  document.addEventListener('htmx:beforeSwap', onBeforeSwap);
}
