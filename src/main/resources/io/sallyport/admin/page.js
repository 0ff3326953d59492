'use strict';
// Whatever is shown goes into the page as text: hosts, paths and headers are written by strangers.

const ROW = 28;
const PAGE = 200;
const EVERY = 2000;
const $ = id => document.getElementById(id);

function element(tag, text, kind) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = String(text);
  if (kind) made.className = kind;
  return made;
}

async function ask(path, parameters, method = 'GET') {
  const query = parameters ? '?' + new URLSearchParams(parameters) : '';
  const response = await fetch(path + query, {method, cache: 'no-store'});
  const body = await response.json();
  if (!response.ok) throw new Error(body.error || 'status ' + response.status);
  return {body, total: Number(response.headers.get('X-Total-Count'))};
}

function table(place, columns, rows, none) {
  if (!rows.length) {
    place.replaceChildren(element('p', none));
    return;
  }
  const made = element('table');
  const head = made.createTHead().insertRow();
  columns.forEach(column => head.append(element('th', column[0])));
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const [, value, kind] of columns) {
      const shown = value(row);
      const place = element('td', shown instanceof Node ? null : shown, kind && kind(row));
      if (shown instanceof Node) place.append(shown);
      line.append(place);
    }
  }
  place.replaceChildren(made);
}

// A list of any length: the rows in sight are asked for, page by page, and no others are made. A row that can be chosen
// is a button; the arrow keys go from one to the next.
class List {
  constructor(name, columns, cells, chosen) {
    this.path = '/' + name.replace('-', '/');
    this.columns = columns;
    this.cells = cells;
    this.chosen = chosen;
    this.place = $(name + '-list');
    this.count = $(name + '-count');
    this.search = $(name + '-search');
    this.space = element('div');
    this.total = 0;
    this.generation = 0;
    this.pages = new Map();
    this.lines = new Map();
    const head = element('div', null, 'row head');
    head.setAttribute('role', 'row');
    columns.forEach(column => head.append(cell(column, 'columnheader')));
    this.place.append(head, this.space);
    this.place.addEventListener('scroll', () => this.draw());
    this.place.addEventListener('keydown', event => this.move(event));
    this.search.addEventListener('input', () => {
      this.place.scrollTop = 0;
      this.refresh().catch(trouble);
    });
  }

  move(event) {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!step || !this.chosen) return;
    event.preventDefault();
    const index = Math.min(this.total - 1, Math.max(0, (this.focused() ?? -step) + step));
    const top = index * ROW;
    if (top < this.place.scrollTop) this.place.scrollTop = top;
    if (top + 3 * ROW > this.place.scrollTop + this.place.clientHeight) this.place.scrollTop = top + 3 * ROW - this.place.clientHeight;
    this.draw();
    this.lines.get(index)?.focus({preventScroll: true});
  }

  // The index of the row that has the focus.
  focused() {
    const row = document.activeElement;
    return this.space.contains(row) && row.dataset.index ? Number(row.dataset.index) : null;
  }

  // What is shown stays until the answer is there.
  async refresh() {
    const generation = ++this.generation;
    const first = Math.floor(this.place.scrollTop / ROW / PAGE);
    const page = await this.fetch(first);
    if (generation !== this.generation) return;
    this.pages = new Map([[first, page.body]]);
    this.total = page.total;
    this.count.textContent = this.total + (this.search.value ? ' found' : ' in all');
    this.draw();
  }

  fetch(page) {
    return ask(this.path, {q: this.search.value, offset: page * PAGE, limit: PAGE});
  }

  async load(page) {
    const generation = this.generation;
    this.pages.set(page, []);
    const rows = (await this.fetch(page)).body;
    if (generation !== this.generation) return;
    this.pages.set(page, rows);
    this.draw();
  }

  row(index) {
    const page = Math.floor(index / PAGE);
    if (!this.pages.has(page)) this.load(page).catch(trouble);
    return (this.pages.get(page) || [])[index % PAGE];
  }

  // Rows that are there already stay, so that neither focus nor click is lost.
  draw() {
    this.space.style.height = this.total * ROW + 'px';
    const from = Math.max(0, Math.floor(this.place.scrollTop / ROW) - 5);
    const to = Math.min(this.total, from + Math.ceil(this.place.clientHeight / ROW) + 10);
    for (const [index, line] of this.lines) {
      if (index < from || index >= to) {
        line.remove();
        this.lines.delete(index);
      }
    }
    // Backwards, so that each stands before the next one for whoever goes through them by Tab.
    for (let index = to - 1; index >= from; index--) {
      const row = this.row(index);
      if (row) this.fill(index, row, this.cells(row, index > from ? this.row(index - 1) : null));
    }
    if (this.lines.size && !performance.getEntriesByName('rows').length) performance.mark('rows');
  }

  fill(index, row, cells) {
    const line = this.lines.get(index) || this.line(index);
    this.lines.set(index, line);
    line.row = row;
    cells.forEach(([text, kind], column) => setText(line.children[column], text, kind));
  }

  line(index) {
    const line = element(this.chosen ? 'button' : 'div', null, 'row');
    line.setAttribute('role', 'row');
    line.style.top = index * ROW + 'px';
    line.dataset.index = index;
    line.append(...this.columns.map(() => cell('', 'cell')));
    if (this.chosen) line.addEventListener('click', () => this.chosen(line.row));
    this.space.insertBefore(line, this.lines.get(index + 1) || null);
    return line;
  }
}

function setText(made, text, kind) {
  made.textContent = text ?? '';
  made.title = text ?? '';
  made.className = kind ?? '';
}

function cell(text, role, kind) {
  const made = element('span');
  setText(made, text, kind);
  made.setAttribute('role', role);
  return made;
}

const FIGURES = ['requests/s', 'failed', 'p50', 'p99'];

function millis(value) {
  return value === null ? '' : value < 10 ? value.toFixed(1) + ' ms' : value < 10000 ? Math.round(value) + ' ms' : Math.round(value / 1000) + ' s';
}

// Nothing is known of what is not counted, nor before the second answer.
function figures(traffic) {
  if (!traffic) return [[''], [''], [''], ['']];
  const share = traffic.failureShare;
  return [
    [traffic.perSecond.toFixed(1)],
    [traffic.perSecond ? (100 * share).toFixed(share && share < 0.1 ? 1 : 0) + ' %' : '', share ? 'bad' : ''],
    [millis(traffic.p50Millis)], [millis(traffic.p99Millis)]];
}

// A name that begins with a dot is that of a match alone.
function routeLabel(name, index) {
  return !name || name.startsWith('.') ? '#' + index + (name || '') : name;
}

const routes = new List('routes', ['listener', 'host', 'match', 'leads to', 'written in', ...FIGURES], (row, before) => [
  [row.listener, before && before.listener === row.listener ? 'same' : ''],
  [row.host, row.kind === 'host' ? 'host' : before && before.host === row.host ? 'same' : ''],
  [row.match, row.kind === 'host' ? 'same' : ''], [row.action, row.kind === 'host' ? 'same' : ''], [row.route], ...figures(row.traffic)]);

function ejected(endpoint) {
  return endpoint.ejectedUntil ? 'ejected until ' + seconds(endpoint.ejectedUntil)
    : endpoint.healthCheckFailed ? 'health check failed' : endpoint.available ? 'available' : 'not available';
}

function endpoints(cluster) {
  const circuit = cluster.circuit;
  const limit = what => `${what.used}${what.limit === null ? '' : ' of ' + what.limit}`;
  $('cluster').textContent = `${cluster.name}: circuit ${circuit.state}, ${limit(circuit.connections)} connections, `
    + `${cluster.connectionsTotal} made, ${cluster.connectFailuresTotal} failed; ${limit(circuit.pendingRequests)} requests waiting, `
    + `${circuit.retriesActive} retries` + (cluster.outliers ? `; ${cluster.outliers.ejected} ejected now, ${cluster.outliers.ejectionsTotal} so far` : '');
  table($('endpoints'), [
    ['endpoint', each => each.port ? each.address + ':' + each.port : each.address],
    ['health', ejected, each => each.available ? 'good' : 'bad'],
    ['active', each => each.requestsActive], ['requests', each => each.requestsTotal],
    ['errors', each => each.errorsTotal], ['failures', each => each.failuresTotal]], cluster.endpoints, 'no endpoints');
}

// The name of the cluster whose endpoints are shown.
let shownCluster = null;

async function liveClusters() {
  await clusters.refresh();
  if (!shownCluster) return;
  const {body} = await ask('/clusters', {q: shownCluster.slice(0, 256), limit: 1000});
  const found = body.find(each => each.name === shownCluster);
  if (found) endpoints(found);
}

const clusters = new List('clusters', ['cluster', 'endpoints', 'requests', 'circuit', ...FIGURES], cluster => {
  const available = cluster.endpoints.filter(each => each.available).length;
  const out = cluster.endpoints.filter(each => each.ejectedUntil).length;
  const fine = available === cluster.endpoints.length;
  return [
    [cluster.name],
    [available + ' of ' + cluster.endpoints.length + ' available' + (out ? ', ' + out + ' ejected' : ''), fine ? 'good' : 'bad'],
    [cluster.requestsTotal + ', ' + cluster.requestsActive + ' active'],
    [cluster.circuit.state, cluster.circuit.state === 'open' ? 'bad' : ''],
    ...figures(cluster.traffic)];
}, cluster => {
  shownCluster = cluster.name;
  endpoints(cluster);
});

const requests = new List('requests', ['start', 'status', 'request', 'route', 'endpoint', 'reason', 'took'], each => [
  [each.start.slice(11, 23)],
  [(each.status || '–') + (each.flags === '-' ? '' : ' ' + each.flags), each.flags !== '-' || each.status >= 500 ? 'bad' : ''],
  [each.method ? `${each.method} ${each.authority}${each.path}` : each.serverName || 'connection'],
  [each.virtualService ? `${each.virtualService} ${routeLabel(each.route, each.routeIndex)}` : ''],
  [each.endpoint || each.cluster],
  [[each.details, each.transportFailure, each.deniedBy && 'policy ' + each.deniedBy].filter(part => part).join(', ')],
  [millis(each.durationMillis)]
], each => {
  $('request').textContent = JSON.stringify(each, null, 2);
  $('request').hidden = false;
});

// In days, or in hours where it is less than two days.
function left(certificate) {
  const hours = (Date.parse(certificate.end) - Date.now()) / 3600000;
  return Math.abs(hours) < 48 ? Math.floor(hours) + ' hours' : certificate.daysLeft + ' days';
}

const certificates = new List('certs', ['left', 'from', 'names', 'issuer', 'servers'], certificate => [
  [left(certificate) + (certificate.state === 'valid' ? '' : ', ' + certificate.state), certificate.state === 'valid' ? 'good' : 'bad'],
  [certificate.source],
  [certificate.names.join(', ') || certificate.subject],
  [certificate.kind + ' by ' + certificate.issuer],
  [certificate.servers.join(', ')]]);

const policies = new List('policies', ['policy', 'action', 'written in', 'applies to', 'denied', 'would deny', 'audited'], policy => [
  [policy.policy],
  [policy.action ? policy.action + (policy.dryRun ? ', dry run' : '') : ''],
  [policy.source ? `${policy.source}, ${policy.rules} rules` : ''],
  [policy.appliesTo],
  [policy.denied, policy.denied ? 'bad' : ''], [policy.wouldDeny], [policy.audited]]);

async function listeners() {
  const {body} = await ask('/listeners');
  table($('listeners-table'), [
    ['listens on', each => each.bind], ['state', each => each.bound ? 'bound' : each.because, each => each.bound ? '' : 'bad'], ['port of the Gateway', each => each.port],
    ['open connections', each => each.activeConnections], ['accepted', each => each.acceptedConnections], ['shed', each => each.shedConnections],
    ['servers', each => each.filterChains.map(chain => chain.server + (chain.tls === 'NONE' ? '' : ' ' + chain.tls)).join(', ')],
    ['certificates', each => each.filterChains.flatMap(chain => chain.certificates).join(', ')]], body, 'no listener');
}

const listed = new List('egress-entries', ['host', 'port', 'protocol', 'written in', 'reached by', 'requests', 'last'], entry => [
  [entry.host], [entry.port || 'any'], [entry.protocol], [entry.resource + (entry.source ? ` (${entry.source})` : '')], [entry.reached],
  [entry.requests], [seconds(entry.lastUsed)]]);

const denied = new List('egress-denied', ['host', 'port', 'reason', 'requests', 'last'], use => [
  [use.host], [use.port], [use.reason], [use.requests], [seconds(use.lastUsed)]
], use => {
  $('allow').hidden = false;
  $('allow-copy').hidden = !use.suggestion;
  $('allow-what').textContent = use.suggestion ? `Allows ${use.host}:${use.port}:`
    : `No ServiceEntry alone would allow ${use.host}:${use.port}, or it is listed by now.`;
  $('allow-yaml').textContent = use.suggestion || '';
});

async function egress() {
  await Promise.all([denied.refresh(), listed.refresh()]);
}

let shownLevels = null;

// Levels that are changed for a time; `change` is what POST and DELETE take.
async function logLevels(method, change) {
  const {body} = await ask('/logging', change, method);
  if (shownLevels === JSON.stringify(body)) return;
  shownLevels = JSON.stringify(body);
  table($('log-changes'), [
    ['category', each => each.category], ['level', each => each.level], ['until', each => seconds(each.until)],
    ['', each => {
      const back = element('button', 'Take back');
      back.addEventListener('click', () => logLevels('DELETE', {category: each.category}).catch(trouble));
      return back;
    }]], body.changed, 'No level is changed.');
}

// A time to the second.
function seconds(time) {
  return time && time.replace(/\.\d+/, '').replace('T', ' ');
}

// Where it is, what is wrong, and how to mend it.
function problem(found) {
  const item = element('li');
  const place = found.line ? `${found.file}:${found.line}:${found.column}` : found.file;
  item.append(element('code', place), ` ${found.severity} ${found.code} `);
  if (found.field) item.append(element('code', found.field), ': ');
  item.append(found.message);
  if (found.hint) item.append(element('div', found.hint, 'hint'));
  return item;
}

async function status() {
  const {body} = await ask('/status');
  $('summary').textContent = `${body.state}: generation ${body.generation}, since ${seconds(body.loadedAt)}`;
  $('egress-mode').textContent = body.egressMode ? 'Mode ' + body.egressMode : 'There is no mesh listener.';
  $('refused').hidden = !body.refused;
  const refused = body.refused || {problems: []};
  const items = refused.problems.map(problem);
  if (refused.failure) items.push(element('li', refused.failure));
  $('problems').replaceChildren(...items);
  $('drain').textContent = body.state === 'draining' ? 'Take the drain back' : 'Drain';
  const faults = body.faults.concat(body.unboundListeners.map(listener => listener.because));
  $('faults').hidden = !faults.length;
  $('fault-list').replaceChildren(...faults.map(fault => element('li', fault)));
}

async function explain(event) {
  event.preventDefault();
  const form = new FormData($('question'));
  const parameters = [];
  for (const name of ['method', 'url', 'via', 'principal']) {
    if (form.get(name)) parameters.push([name, form.get(name)]);
  }
  form.get('headers').split('\n').filter(line => line.trim())
    .forEach(line => parameters.push(['header', line.trim().replace(/:\s*/, ':')]));
  try {
    const {body} = await ask('/explain', parameters);
    const route = body.route ? `${body.route.virtualService} ${routeLabel(body.route.name, body.route.index)}` : 'no route';
    const to = body.clusters.map(cluster => cluster.name).join(', ');
    $('answer').textContent = [route, body.action, to, body.status, body.flag, body.details, body.decision && body.decision.text]
      .filter(part => part).join(' · ');
    table($('considered'), [
      ['came nearer', each => each.virtualService + ' ' + each.route], ['why not', each => each.why]],
      body.considered, 'No other route was tried before.');
    $('details').textContent = JSON.stringify(body, null, 2);
    $('details').hidden = false;
  } catch (failure) {
    $('answer').textContent = failure.message;
    $('considered').replaceChildren();
    $('details').hidden = true;
  }
}

const parts = {
  routes: {open: () => routes.refresh(), live: true},
  explain: {open: async () => {}},
  requests: {open: () => requests.refresh(), live: () => $('requests-list').scrollTop === 0},
  clusters: {open: liveClusters, live: true},
  listeners: {open: listeners, live: true},
  policies: {open: () => policies.refresh(), live: true},
  certs: {open: () => certificates.refresh()},
  egress: {open: egress, live: true},
  log: {open: () => logLevels(), live: true}
};

function current() {
  const name = location.hash.slice(1);
  return Object.hasOwn(parts, name) ? name : 'routes';
}

function trouble(failure) {
  $('trouble').textContent = 'The gateway does not answer: ' + failure.message;
  $('trouble').hidden = false;
}

async function show() {
  const name = current();
  for (const each of Object.keys(parts)) $(each).hidden = each !== name;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === '#' + name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  await parts[name].open().catch(trouble);
}

async function tick() {
  try {
    await status();
    const part = parts[current()];
    if (part.live && !document.hidden && (part.live === true || part.live())) await part.open();
    $('trouble').hidden = true;
  } catch (failure) {
    trouble(failure);
  }
  setTimeout(tick, EVERY);
}

$('log-change').addEventListener('submit', event => {
  event.preventDefault();
  logLevels('POST', new FormData(event.target))
    .then(() => $('log-answer').textContent = '', failure => $('log-answer').textContent = failure.message);
});
$('question').addEventListener('submit', explain);
$('drain').addEventListener('click', async () => {
  if ($('summary').textContent.startsWith('draining')) {
    await fetch('/drain', {method: 'DELETE'}).then(status).catch(trouble);
  } else if (confirm('Drain? This instance is not ready from then on, and its connections are asked to end.')) {
    await fetch('/drain', {method: 'POST'}).then(status).catch(trouble);
  }
});
$('allow-copy').addEventListener('click', () => navigator.clipboard.writeText($('allow-yaml').textContent).then(
  () => $('allow-what').textContent = 'Copied.', trouble));
window.addEventListener('hashchange', show);
// A slash searches, as in other pages of its kind.
document.addEventListener('keydown', event => {
  const search = $(current()).querySelector('[type=search]');
  if (event.key === '/' && search && !event.target.closest('input, textarea, select')) {
    event.preventDefault();
    search.focus();
  }
});
show();
tick();
