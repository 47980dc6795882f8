// The one entry of every office page. Each module answers one question and works by delegation on the document, so that
// parts swapped in by htmx need nothing; `ready` runs again for each such part.
import { startAutosave } from './autosave.js';
import { startForms, readyForms } from './forms.js';
import { startFormsets } from './formset.js';
import { startKeys } from './keys.js';
import { startRequests, focusWhatMatters } from './requests.js';
import { startTables, readyTables } from './tables.js';
import { startTablet } from './tablet.js';
import { startWidgets, readyWidgets } from './widgets.js';

function ready(root) {
  readyForms(root);
  readyTables(root);
  readyWidgets(root);
  focusWhatMatters(root);
}

document.documentElement.classList.add('js');
startKeys();
startForms();
startFormsets();
startTables();
startWidgets();
startRequests();
startAutosave();
startTablet();
ready(document);
document.addEventListener('htmx:load', (event) => { if (event.detail.elt !== document.body) ready(event.detail.elt); });
