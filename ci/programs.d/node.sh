title='node: objects, sorting, hashing, worker threads, child processes'
packages='nodejs'
core=yes

setup() {
  cat >program.js <<'TEXT'
const crypto = require('crypto');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const { execFileSync } = require('child_process');
function work(seed) {
  let x = seed;
  const items = [];
  for (let i = 0; i < 300000; i++) {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    items.push({ key: x, text: 'item ' + x, list: [i, x] });
  }
  items.sort((a, b) => a.key - b.key || a.list[0] - b.list[0]);
  const hash = crypto.createHash('sha256');
  for (const item of items) hash.update(item.text);
  return hash.digest('hex');
}
if (isMainThread) {
  console.log('main', work(1));
  console.log(execFileSync('sh', ['-c', 'echo child; seq 1000 | tail -n 1']).toString());
  const done = [];
  let left = 2;
  for (let n = 0; n < 2; n++) {
    new Worker(__filename, { workerData: n + 2 }).on('message', (m) => {
      done[n] = m;
      if (--left === 0) console.log(done.join('\n'));
    });
  }
} else {
  parentPort.postMessage('worker ' + workerData + ' ' + work(workerData));
}
TEXT
}

run() {
  node "$work/program.js"
}
