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

async function ask(path, parameters) {
  const query = parameters ? '?' + new URLSearchParams(parameters) : '';
  const response = await fetch(path + query, {cache: 'no-store'});
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
    columns.forEach(column => line.append(element('td', column[1](row), column[2] && column[2](row))));
  }
  place.replaceChildren(made);
}

// A list of any length: the rows in sight are asked for, page by page, and no others are made.
class List {
  constructor(name, cells, chosen) {
    this.path = '/' + name;
    this.cells = cells;
    this.chosen = chosen;
    this.place = $(name + '-list');
    this.count = $(name + '-count');
    this.search = $(name + '-search');
    this.space = element('div');
    this.total = 0;
    this.generation = 0;
    this.pages = new Map();
    this.place.append(this.space);
    this.place.addEventListener('scroll', () => this.draw());
    this.search.addEventListener('input', () => {
      this.place.scrollTop = 0;
      this.refresh();
    });
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

  draw() {
    this.space.style.height = this.total * ROW + 'px';
    const from = Math.max(0, Math.floor(this.place.scrollTop / ROW) - 5);
    const to = Math.min(this.total, from + Math.ceil(this.place.clientHeight / ROW) + 10);
    const lines = [];
    for (let index = from; index < to; index++) {
      const row = this.row(index);
      if (!row) continue;
      const line = element(this.chosen ? 'button' : 'div', null, 'row');
      line.setAttribute('role', 'row');
      line.style.top = index * ROW + 'px';
      for (const [text, kind] of this.cells(row, index > from ? this.row(index - 1) : null)) {
        const cell = element('span', text, kind);
        cell.title = text;
        cell.setAttribute('role', 'cell');
        line.append(cell);
      }
      if (this.chosen) line.addEventListener('click', () => this.chosen(row));
      lines.push(line);
    }
    this.space.replaceChildren(...lines);
  }
}

const routes = new List('routes', (row, before) => [
  [row.listener, before && before.listener === row.listener ? 'same' : ''],
  [row.host, before && before.host === row.host ? 'same' : ''],
  [row.match], [row.action], [row.route]]);

// Of each cluster: when it was last seen and how many requests it had then.
const seen = new Map();

function rate(cluster) {
  const now = performance.now();
  const last = seen.get(cluster.name);
  if (!last || now - last.at > EVERY / 2) {
    const requests = last ? (cluster.requestsTotal - last.total) * 1000 / (now - last.at) : null;
    seen.set(cluster.name, {at: now, total: cluster.requestsTotal, rate: requests});
  }
  const shown = seen.get(cluster.name).rate;
  return shown === null || shown < 0 ? '' : shown.toFixed(1) + ' req/s';
}

function ejected(endpoint) {
  return endpoint.ejectedUntil ? 'ejected until ' + endpoint.ejectedUntil
    : endpoint.healthCheckFailed ? 'health check failed' : endpoint.available ? 'available' : 'not available';
}

const clusters = new List('clusters', cluster => {
  const available = cluster.endpoints.filter(each => each.available).length;
  const out = cluster.endpoints.filter(each => each.ejectedUntil).length;
  const fine = available === cluster.endpoints.length;
  return [
    [cluster.name],
    [available + ' of ' + cluster.endpoints.length + ' available' + (out ? ', ' + out + ' ejected' : ''), fine ? 'good' : 'bad'],
    [rate(cluster)],
    [cluster.requestsActive + ' active, ' + cluster.requestsTotal + ' requests'],
    ['circuit ' + cluster.circuit.state, cluster.circuit.state === 'open' ? 'bad' : '']];
}, cluster => {
  table($('endpoints'), [
    ['endpoint of ' + cluster.name, each => each.port ? each.address + ':' + each.port : each.address],
    ['health', ejected, each => each.available ? 'good' : 'bad'],
    ['active', each => each.requestsActive], ['requests', each => each.requestsTotal],
    ['errors', each => each.errorsTotal], ['failures', each => each.failuresTotal]], cluster.endpoints, 'no endpoints');
});

async function listeners() {
  const {body} = await ask('/listeners');
  table($('listeners-table'), [
    ['bound', each => each.bind], ['port of the Gateway', each => each.port],
    ['open connections', each => each.activeConnections], ['accepted', each => each.acceptedConnections], ['shed', each => each.shedConnections],
    ['servers', each => each.filterChains.map(chain => chain.server + (chain.tls === 'NONE' ? '' : ' ' + chain.tls)).join(', ')],
    ['certificates', each => each.filterChains.flatMap(chain => chain.certificates).join(', ')]], body, 'no listener');
}

async function egress() {
  const {body} = await ask('/egress');
  $('egress-mode').textContent = body.meshListener ? 'Mode ' + body.mode + ', used since ' + body.usageSince : 'There is no mesh listener.';
  table($('denied'), [
    ['host', each => each.host], ['port', each => each.port], ['reason', each => each.reason],
    ['requests', each => each.requests], ['last', each => each.lastUsed]], body.denied, 'nothing was denied');
  table($('listed'), [
    ['host', each => each.host], ['port', each => each.port || 'any'], ['protocol', each => each.protocol],
    ['resource', each => each.resource], ['reached by', each => each.reached],
    ['requests', each => each.requests], ['last', each => each.lastUsed]], body.entries.slice(0, 1000), 'nothing is listed');
}

async function status() {
  const {body} = await ask('/status');
  $('summary').textContent = `${body.state}: generation ${body.generation}, since ${body.loadedAt}`;
  $('refused').hidden = !body.refused;
  const problems = body.refused ? body.refused.problems.concat(body.refused.failure || []) : [];
  $('problems').replaceChildren(...problems.map(problem => element('li', problem)));
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
    const route = body.route ? `${body.route.virtualService} ${body.route.name || '#' + body.route.index}` : 'no route';
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
  routes: {open: () => routes.refresh()},
  explain: {open: async () => {}},
  clusters: {open: () => clusters.refresh(), live: true},
  listeners: {open: listeners, live: true},
  egress: {open: egress, live: true}
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
    if (parts[current()].live && !document.hidden) await parts[current()].open();
    $('trouble').hidden = true;
  } catch (failure) {
    trouble(failure);
  }
  setTimeout(tick, EVERY);
}

$('question').addEventListener('submit', explain);
$('drain').addEventListener('click', async () => {
  if (confirm('Drain? This instance is not ready from then on, and its connections are asked to end.')) {
    await fetch('/drain', {method: 'POST'}).then(status).catch(trouble);
  }
});
window.addEventListener('hashchange', show);
show();
tick();
