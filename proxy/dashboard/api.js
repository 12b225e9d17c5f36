// Questions to the admin API of this proxy, and the token where it asks for one.
import { byId, setHidden } from './dom.js';

const KEY = 'foreword-admin-token';
let token = sessionStorage.getItem(KEY) ?? '';

export class ApiError extends Error {}

async function once(path, signal) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  return fetch(path, { headers, signal, cache: 'no-store' });
}

async function messageOf(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return `the proxy answered ${response.status}`;
  }
}

let asking = null;

/** One dialog for however many questions wait for it. */
function askForToken() {
  asking ??= new Promise((resolve) => {
    const dialog = byId('ask-token');
    setHidden('token-wrong', token === '');
    byId('token-form').onsubmit = (event) => {
      event.preventDefault();
      token = byId('token').value;
      sessionStorage.setItem(KEY, token);
      dialog.close();
      asking = null;
      resolve();
    };
    dialog.oncancel = (event) => event.preventDefault();
    dialog.showModal();
  });
  return asking;
}

/** The answer's text, which tells whether anything changed. */
export async function getText(path, signal) {
  for (;;) {
    const used = token;
    const response = await once(path, signal);
    if (response.ok) return response.text();
    if (response.status !== 401) throw new ApiError(await messageOf(response));
    // Another question may have been given the token meanwhile.
    if (used === token) await askForToken();
  }
}

/**
 * Remembers the last answer for each name, and calls `show` only with one that differs from it.
 * Resolves to whether it did.
 */
const shown = new Map();
export async function showIfNew(name, paths, show) {
  const texts = await Promise.all(paths.map((path) => getText(path)));
  const joined = [...paths, ...texts].join('\n');
  if (shown.get(name) === joined) return false;
  shown.set(name, joined);
  show(...texts.map((text) => JSON.parse(text)));
  return true;
}
