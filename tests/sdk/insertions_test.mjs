// The checker that the other tests rely on.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findInsertions, without } from './support/insertions.mjs';
import { prose } from './support/prose.mjs';

const bytes = (text) => Buffer.from(text);

test('equal bodies have no insertion', () => {
  assert.deepEqual(findInsertions(bytes('{"a":1}'), bytes('{"a":1}'), 3), []);
});

test('what was inserted is found, at the start, inside and at the end', () => {
  const original = bytes(prose(10_000));
  const edited = Buffer.concat([
    bytes('one'),
    original.subarray(0, 4_000),
    bytes('two'),
    original.subarray(4_000),
    bytes('three'),
  ]);
  const ranges = findInsertions(original, edited, 3);
  assert.equal(ranges.length, 3);
  assert.deepEqual(without(edited, ranges), original);
});

test('an insertion that repeats what surrounds it is found', () => {
  const ranges = findInsertions(bytes('[{},{}]'), bytes('[{},{},{}]'), 1);
  assert.deepEqual(without(bytes('[{},{},{}]'), ranges), bytes('[{},{}]'));
});

test('insertions a few bytes from each other are found', () => {
  const original = bytes('{"model":"m","messages":[{"role":"user"}]}');
  const edited = bytes('{"key":"k","model":"m","messages":[{"role":"system"},{"role":"user"}]}');
  assert.deepEqual(without(edited, findInsertions(original, edited, 2)), original);
});

test('a changed byte is no insertion', () => {
  const original = bytes(prose(10_000));
  const edited = Buffer.from(original);
  edited[5_000] ^= 1;
  assert.equal(findInsertions(original, edited, 3), undefined);
});

test('a missing byte is no insertion', () => {
  const original = bytes(prose(10_000));
  const edited = Buffer.concat([original.subarray(0, 5_000), original.subarray(5_001)]);
  assert.equal(findInsertions(original, edited, 3), undefined);
});

test('more insertions than allowed are refused', () => {
  assert.equal(findInsertions(bytes('abcdef'), bytes('a-b-c-def'), 2), undefined);
});
