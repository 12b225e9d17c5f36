// Requests that no SDK would make, byte for byte as given.
import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';

import { pairs } from './recording_upstream.mjs';

/** Resolves to { status, headers, body }: [name, value] pairs as they came, undecoded bytes. */
export async function send(url, { method = 'POST', headers = {}, body } = {}) {
  const framing =
    body === undefined || headers['transfer-encoding']
      ? {}
      : { 'content-length': Buffer.byteLength(body) };
  const request = http.request(url, { method, headers: { ...framing, ...headers }, agent: false });
  request.end(body);
  const [response] = await once(request, 'response');
  return {
    status: response.statusCode,
    headers: pairs(response.rawHeaders),
    body: await buffer(response),
  };
}

export const valuesOf = (headers, name) =>
  headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
