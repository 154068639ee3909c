import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functions } from '../src/functions.js';

test('abs drops the sign', () => {
  assert.equal(functions.abs(-3), 3);
});
