'use strict';
// Who reaches whom and the drill: the matrix that answers to the pointer, the picture around one account, the two tables.
// `page` brings what report.js shares: data, accounts, elements, tables. Data is that of damage_data.py.
function damageSections(page) {
  const { data, string, element, isolated, steps, copy, anchor, counted, thousands, table } = page;
  const damage = data.damage;
  const KINDS = ['administers', 'enters', 'conditional', 'unknown'];
  const TITLES = ['Lost for good', 'Restorable', 'Not known', 'Falls too', 'Not known of others'];
  const FIRST = 30;
  const [R_ACCOUNT, R_REACHES, R_PRODUCTION, R_ADMINISTERS, R_ADMINISTERS_UNKNOWN, R_DESTROYS, R_DESTROYS_UNKNOWN, R_CONDITIONAL, R_UNKNOWN, R_REACHED, R_PERHAPS] = Array(11).keys();
  const [D_ACCOUNT, D_STORES, D_LOST, D_PRODUCTION, D_RESTORABLE, D_UNDECIDED, D_FALLS, D_OLDEST, D_AGE, D_LISTS] = Array(10).keys();
  const NOTHING = 'It holds no data store, and nothing falls with it.';

  // ---- Accounts: those of the accounts table, then others that only a pair or a drill names

  const later = (make) => { let made; return () => (made ??= make()); };

  function account(number) {
    const listed = data.accounts[number];
    const [id, name, environment] = listed ? [listed[0], listed[1], listed[5]] : damage.others[number - data.accounts.length];
    return { id, name, environment: string(environment) };
  }

  const production = (number) => account(number).environment === 'production';

  /** A sentence, the ids and names of its accounts back in their holes. */
  function sentence(number, one, other) {
    const [own, next] = [account(one), other === undefined ? { id: '', name: '' } : account(other)];
    const filling = [own.id, own.name, next.id, next.name];
    return string(number).replace(/[\u0001-\u0004]/g, (hole) => filling[hole.charCodeAt(0) - 1]);
  }

  // ---- Pairs

  /** [source, target, state, chain, conditions] of every pair in the page, by source and by target. */
  const pairs = later(() => {
    const found = { outward: new Map(), inward: new Map() };
    const put = (map, key, pair) => { if (map.has(key)) map.get(key).push(pair); else map.set(key, [pair]); };
    for (const [source, flat] of damage.pairs) {
      for (let at = 0; at < flat.length; at += 4) {
        const pair = [source, flat[at], flat[at + 1], flat[at + 2], flat[at + 3]];
        put(found.outward, source, pair);
        put(found.inward, flat[at], pair);
      }
    }
    return found;
  });

  const kindOf = (pair) => KINDS[Math.floor(pair[2] / 9)];

  /** See `reach.note`. */
  function note(pair) {
    const kind = kindOf(pair);
    if (kind === 'unknown') return 'not known whether it enters';
    const parts = [['enters', 'administrator', 'enters, perhaps as administrator'][Math.floor(pair[2] / 3) % 3]];
    parts.push(['', 'may delete data', 'perhaps may delete data'][pair[2] % 3]);
    if (kind === 'conditional') parts.push('under a condition');
    return parts.filter(Boolean).join(', ');
  }

  // ---- The picture around one account

  const around = document.getElementById('around');

  function drawEdge(pair, other) {
    const made = around.querySelector('template[data-edge]').content.firstElementChild.cloneNode(true);
    const slot = {};
    for (const one of made.querySelectorAll('[data-slot]')) slot[one.dataset.slot] = one;
    const place = account(other);
    made.className = `edge ${kindOf(pair)}${place.environment === 'production' ? ' prod' : ''}`;
    slot.name.textContent = place.name;
    slot.environment.textContent = place.environment;
    slot.note.textContent = note(pair);
    slot.id.textContent = place.id;
    slot.link.setAttribute('href', `#reach=${anchor(place.id)}`);
    const lines = (chain) => damage.chains[chain].map((number) => sentence(number, pair[0], pair[1]));
    made.firstElementChild.addEventListener('toggle', () => {
      if (pair[3]) slot.steps.replaceChildren(steps(lines(pair[3])));
      if (pair[4]) slot.conditions.replaceChildren(element('h5', '', 'Only if'), element('ul', 'lines', ...lines(pair[4]).map((line) => element('li', '', isolated(line)))));
    }, { once: true });
    return made;
  }

  /** Worst first, as `reach.worst_pairs_first` orders them. */
  function inOrder(list, end) {
    const rank = (pair) => (production(pair[1]) ? 0 : 10) + Math.floor(pair[2] / 9);
    const ranked = list.map((pair) => [rank(pair), damage.chains[pair[3]].length, account(pair[end]).name, pair]);
    ranked.sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0));
    return ranked.map((entry) => entry[3]);
  }

  function drawSide(className, title, list, end, total) {
    const made = element('div', `side ${className}`, element('h4', '', `${title}: ${counted(total, 'account')}`));
    const ordered = inOrder(list, end);
    if (!total) made.append(element('p', 'note', 'Nobody was found.'));
    const drawn = element('ol', '');
    if (ordered.length) made.append(drawn);
    const more = element('button', 'script', '');
    more.type = 'button';
    const left = element('p', 'note rest', '');
    let shown = 0;
    function next(step) {
      drawn.append(...ordered.slice(shown, shown + step).map((pair) => drawEdge(pair, pair[end])));
      shown = Math.min(ordered.length, shown + step);
      if (shown === ordered.length) more.remove();
      more.textContent = `Show ${Math.min(100, ordered.length - shown)} more`;
      const outside = total - ordered.length;
      left.textContent = [
        total > shown ? `and ${counted(total - shown, 'more account')}` : '',
        outside > 0 ? `; the ways of ${thousands(outside)} are left out of this page: bulkhead query "SELECT * FROM account_reach"` : '',
      ].join('');
    }
    more.addEventListener('click', () => next(100));
    next(FIRST);
    if (total > shown) made.append(left);
    if (shown < ordered.length) made.append(more);
    return made;
  }

  function drawPicture(number) {
    const place = account(number);
    const radius = radiusOf().get(number) || [number, ...Array(10).fill(0)];
    const hub = element('div', `hub${place.environment === 'production' ? ' prod' : ''}`,
      element('b', '', isolated(place.name)), element('code', '', place.id), element('span', 'note', isolated(place.environment)));
    document.getElementById('picture').replaceChildren(element('div', 'around',
      drawSide('inward', 'Who reaches it', pairs().inward.get(number) || [], 0, radius[R_REACHED] + radius[R_PERHAPS]), hub,
      drawSide('outward', 'Whom it reaches', pairs().outward.get(number) || [], 1, radius[R_REACHES] + radius[R_CONDITIONAL] + radius[R_UNKNOWN])));
    return place;
  }

  const radiusOf = later(() => new Map(damage.radii.map((radius) => [radius[R_ACCOUNT], radius])));
  const numbers = later(() => Array.from({ length: data.accounts.length + damage.others.length }, (_, number) => number));

  /** The number of the account with this id (as in an address), or null. */
  function numberOf(id) {
    const number = numbers().find((one) => anchor(account(one).id) === id);
    return number === undefined ? null : number;
  }

  /** The accounts a person may mean: an exact id or name wins over a part of one. */
  function meant(typed) {
    const needle = typed.trim().toLowerCase();
    if (!needle) return [];
    const named = (one) => [account(one).id, account(one).name].map((value) => value.toLowerCase());
    const exact = numbers().filter((one) => named(one).includes(needle));
    return exact.length ? exact : numbers().filter((one) => named(one).some((value) => value.includes(needle)));
  }

  function chooseTyped(typed, status) {
    const found = meant(typed);
    status.textContent = !typed.trim() ? '' : !found.length ? 'No account has this name or id.'
      : found.length > 1 ? `${counted(found.length, 'account')} match; this is the first of them.` : '';
    if (found.length) {
      page.setHash(`#reach=${anchor(account(found[0]).id)}`);
      drawPicture(found[0]);
    }
  }

  function chooser() {
    const form = around.querySelector('form');
    const status = form.querySelector('[data-number]');
    let timer = 0;
    form.addEventListener('input', (event) => { clearTimeout(timer); timer = setTimeout(() => chooseTyped(event.target.value, status), 200); });
    form.addEventListener('submit', (event) => event.preventDefault());
  }

  /** Follows `#reach=ACCOUNT`. */
  function lookAround(id) {
    if (!around) return;
    const number = numberOf(id);
    if (number === null) return;
    const place = drawPicture(number);
    const form = around.querySelector('form');
    form.elements.account.value = place.name;
    form.querySelector('[data-number]').textContent = '';
    around.scrollIntoView({ block: 'start' });
    around.focus({ preventScroll: true });
  }

  // ---- The matrix

  function matrix() {
    const cells = document.querySelector('.plot .cells');
    const order = damage.order;
    const readout = document.getElementById('pair');
    const cross = document.createElementNS(cells.namespaceURI, 'path');
    cross.setAttribute('class', 'cross');
    cells.append(cross);
    const idle = readout.textContent;
    const found = later(() => new Map([...pairs().outward.values()].flat().map((pair) => [pair[0] * 1e6 + pair[1], pair])));

    function at(event) {
      const box = cells.getBoundingClientRect();
      const place = (offset, side) => Math.min(order.length - 1, Math.max(0, Math.floor(order.length * offset / side)));
      return [place(event.clientY - box.top, box.height), place(event.clientX - box.left, box.width)];
    }

    cells.addEventListener('pointermove', (event) => {
      const [row, column] = at(event);
      const side = 8 * order.length;
      cross.setAttribute('d', `M0 ${8 * row}h${side}m0 8h-${side}M${8 * column} 0v${side}m8 0v-${side}`);
      const pair = found().get(order[row] * 1e6 + order[column]);
      const names = [order[row], order[column]].map((number) => isolated(`${account(number).name} (${account(number).environment})`));
      const meaning = row === column ? 'itself' : pair ? note(pair) : damage.left ? 'not in this page' : 'not reached';
      readout.replaceChildren(names[0], ' → ', names[1], `: ${meaning}`);
    });
    cells.addEventListener('pointerleave', () => { cross.setAttribute('d', ''); readout.textContent = idle; });
    cells.addEventListener('click', (event) => {
      const [row] = at(event);
      location.hash = `#reach=${anchor(account(order[row]).id)}`;
    });
  }

  // ---- Radius table

  const plus = (number, unknown) => thousands(number) + (unknown ? ` + ${thousands(unknown)}?` : '');

  function drawRadius(index) {
    const radius = damage.radii[index];
    const place = account(radius[R_ACCOUNT]);
    const [made, slot] = copy(sections.radius);
    slot.link.setAttribute('href', `#reach=${anchor(place.id)}`);
    slot.name.textContent = place.name;
    slot.id.textContent = place.id;
    slot.environment.textContent = place.environment;
    slot.reaches.textContent = thousands(radius[R_REACHES]);
    slot.production.textContent = thousands(radius[R_PRODUCTION]);
    slot.administers.textContent = plus(radius[R_ADMINISTERS], radius[R_ADMINISTERS_UNKNOWN]);
    slot.destroys.textContent = plus(radius[R_DESTROYS], radius[R_DESTROYS_UNKNOWN]);
    slot.conditional.textContent = thousands(radius[R_CONDITIONAL]);
    slot.unknown.textContent = thousands(radius[R_UNKNOWN]);
    slot.reached.textContent = plus(radius[R_REACHED], radius[R_PERHAPS]);
    return made;
  }

  /** Matches rows by the account they are about. */
  function accountTests(set, of) {
    const tests = [];
    if (set.environment) tests.push((index) => account(of(index)).environment === set.environment);
    if (set.search) {
      const needle = set.search.toLowerCase();
      tests.push((index) => { const place = account(of(index)); return place.id.includes(needle) || place.name.toLowerCase().includes(needle); });
    }
    return tests;
  }

  const radiusAccount = (index) => damage.radii[index][R_ACCOUNT];
  const byNumber = (rows, part) => (index) => -rows[index][part];
  const radiusKeys = {
    name: (index) => account(radiusAccount(index)).name.toLowerCase(),
    environment: (index) => account(radiusAccount(index)).environment,
    reaches: byNumber(damage.radii, R_REACHES),
    production: byNumber(damage.radii, R_PRODUCTION),
    administers: byNumber(damage.radii, R_ADMINISTERS),
    destroys: byNumber(damage.radii, R_DESTROYS),
    conditional: byNumber(damage.radii, R_CONDITIONAL),
    unknown: byNumber(damage.radii, R_UNKNOWN),
    reached: byNumber(damage.radii, R_REACHED),
  };

  function radiusMatcher(set) {
    const tests = accountTests(set, radiusAccount);
    return (index) => tests.every((test) => test(index));
  }

  // ---- Drill table

  function drawDrill(index) {
    const row = damage.drills[index];
    const place = account(row[D_ACCOUNT]);
    const [made, slot] = copy(sections.drill);
    const details = made.querySelector('details');
    details.id = `d-${anchor(place.id)}`;
    slot.name.textContent = place.name;
    slot.id.textContent = place.id;
    slot.environment.textContent = place.environment;
    slot.stores.textContent = thousands(row[D_STORES]);
    slot.lost.replaceChildren(row[D_LOST] ? element('b', '', thousands(row[D_LOST])) : '0');
    slot.production.textContent = thousands(row[D_PRODUCTION]);
    slot.restorable.textContent = thousands(row[D_RESTORABLE]);
    slot.age.textContent = string(row[D_AGE]);
    slot.undecided.textContent = thousands(row[D_UNDECIDED]);
    slot.falls.textContent = thousands(row[D_FALLS]);
    details.addEventListener('toggle', () => {
      const lists = row[D_LISTS].flatMap(([title, items, more]) => drawList(TITLES[title], items, more, row[D_ACCOUNT]));
      slot.lists.replaceChildren(...(lists.length ? lists : [NOTHING]));
      slot.link.setAttribute('href', `#reach=${anchor(place.id)}`);
    }, { once: true });
    return made;
  }

  function drawList(title, items, more, own) {
    const made = [element('h3', '', title)];
    if (items.length) made.push(element('ul', 'lines items', ...items.map((item) => drawItem(item, own))));
    if (!more) return made;
    const text = items.length ? `… ${thousands(more)} more in ` : `${thousands(more)} in `;
    return [...made, element('p', 'note', text, element('code', '', `bulkhead drill ${account(own).id}`))];
  }

  function drawItem([text, lines, numbered, other], own) {
    const written = lines.map((line) => sentence(line, own, other));
    const made = element('li', '', isolated(sentence(text, own, other)));
    if (!written.length) return made;
    made.append(numbered ? steps(written) : element('ul', '', ...written.map((line) => element('li', '', isolated(line)))));
    return made;
  }

  function drillMatcher(set) {
    const tests = accountTests(set, drillAccount);
    const part = { lost: D_LOST, unknown: D_UNDECIDED, falls: D_FALLS }[set.show];
    if (part) tests.push((index) => damage.drills[index][part] > 0);
    return (index) => tests.every((test) => test(index));
  }

  const drillAccount = (index) => damage.drills[index][D_ACCOUNT];
  // Copies of unknown age are the worst of those that have any, then the oldest; rows without a copy come last.
  const drillAge = (index) => { const row = damage.drills[index]; return !row[D_RESTORABLE] ? 1 : row[D_OLDEST] < 0 ? -Infinity : -row[D_OLDEST]; };
  const drillKeys = {
    name: (index) => account(drillAccount(index)).name.toLowerCase(),
    environment: (index) => account(drillAccount(index)).environment,
    stores: byNumber(damage.drills, D_STORES),
    lost: byNumber(damage.drills, D_LOST),
    production: byNumber(damage.drills, D_PRODUCTION),
    restorable: byNumber(damage.drills, D_RESTORABLE),
    age: drillAge,
    undecided: byNumber(damage.drills, D_UNDECIDED),
    falls: byNumber(damage.drills, D_FALLS),
  };

  // ---- What the page of an account says; see `damage.facts`

  const drillOf = later(() => new Map(damage.drills.map((row) => [row[D_ACCOUNT], row])));
  const sure = (number, perhaps) => counted(number, 'account') + (perhaps ? ` and perhaps ${thousands(perhaps)} more` : '');

  function facts(number) {
    const [radius, row] = [radiusOf().get(number), drillOf().get(number)];
    const made = radius ? [
      ['Reaches', [`${sure(radius[R_REACHES], radius[R_CONDITIONAL] + radius[R_UNKNOWN])}, ${thousands(radius[R_PRODUCTION])} of production`]],
      ['Reached by', [sure(radius[R_REACHED], radius[R_PERHAPS])]],
    ] : [];
    if (row && row[D_STORES]) {
      const unknown = row[D_UNDECIDED] ? `, ${thousands(row[D_UNDECIDED])} not known` : '';
      made.push(['If it is gone', [`${thousands(row[D_LOST])} of ${counted(row[D_STORES], 'data store')} lost for good, ${thousands(row[D_RESTORABLE])} restorable${unknown}`]]);
    }
    return made;
  }

  const sections = Object.fromEntries(['radius', 'drill'].map((id) => [id, document.getElementById(id)]));
  const tables = {};
  if (sections.radius) {
    tables.radius = table({ section: sections.radius, noun: 'account', count: damage.radii.length, draw: drawRadius, matcher: radiusMatcher, keys: radiusKeys });
    chooser();
    matrix();
  }
  if (sections.drill) {
    tables.drill = table({ section: sections.drill, noun: 'account', count: damage.drills.length, draw: drawDrill, matcher: drillMatcher, keys: drillKeys });
  }
  const rowOf = (id) => damage.drills.findIndex((row) => anchor(account(row[D_ACCOUNT]).id) === id);
  return { tables, lookAround, rowOf, facts };
}
