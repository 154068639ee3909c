// What a person's own script for hosts of kind `command` may look like: node loadModel.mjs URL load|unload|ps|start|hang|fail|args|env [MODEL…]
const [url, order, ...names] = process.argv.slice(2);
const post = (path, body) => fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
if (order === 'load') await post('/models/load', { model: names.at(-1) });
if (order === 'unload') await post('/models/unload', { model: names.at(-1) });
if (order === 'ps') {
  const { data } = await (await fetch(`${url}/v1/models`)).json();
  const models = data.map(({ id, status }) => ({
    modelKey: id,
    state: status.value,
    contextLength: 4096,
    sizeBytes: 7,
  }));
  console.log(JSON.stringify(models));
}
if (order === 'fail') {
  console.error('no such GPU \u001b[31m');
  process.exit(3);
}
if (order === 'args') console.log(JSON.stringify({ models: [JSON.stringify(names)] }));
if (order === 'env') console.log(JSON.stringify({ models: Object.keys(process.env) }));
if (order === 'start') {
  // A server of its own, as MLX is loaded: it goes on when this has ended.
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'inherit' });
  await post('/api/pids', { pids: [child.pid] });
  child.unref();
}
if (order === 'hang') {
  // A grandchild that would outlive a signal to this process alone.
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' });
  await post('/api/pids', { pids: [process.pid, child.pid] });
  setInterval(() => 0, 1000);
}
