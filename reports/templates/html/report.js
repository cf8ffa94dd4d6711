'use strict';
// Pages, filters and links of the tables. Data is read from #data (see page_data.py); text is only ever set as text.

/** The page's data, compressed as packed.py writes it. */
async function unpacked() {
  const letters = atob(document.getElementById('data').textContent);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return JSON.parse(await new Response(stream).text());
}

(async () => {
  const root = document.documentElement;
  if (typeof DecompressionStream === 'undefined') {
    // An old browser (before 2023): what the server wrote stands as it does without a script.
    root.classList.remove('js');
    return;
  }
  const data = await unpacked();
  const BANDS = ['none', 'poor', 'weak', 'fair', 'sound', 'unsure'];
  const WORDS = ['', 'poor', 'weak', 'fair', 'sound', 'partly seen'];
  const SEVERITIES = ['critical', 'high', 'medium', 'low'];
  const STATES = ['open', 'waived', 'baseline', 'not evaluated', 'not evaluated', 'not evaluated'];
  const MOST_IN_CELL = 4;
  const WORST = 10;
  const [MARK, KIND, STATE, TYPE, NAME, ID, ARN, PLACE, MESSAGE, FIX, REFERENCES, KEYS, VALUES, SEEN, FILE, LINE, REASON, OWNER, EXPIRY, AT] = Array(20).keys();
  const [RULE, PRINCIPLE, SEVERITY, CONFIDENCE, TITLE, WHY] = Array(6).keys();
  const [A_ID, A_NAME, A_MARK, A_UNIT, A_UNIT_ID, A_ENVIRONMENT, A_WORKLOAD, A_OWNER, A_STATUS, A_FLAGS, A_RESOURCES, A_FAILED, A_GAPS, A_MORE, A_PLACES] = Array(15).keys();

  // ---- Texts

  const HOLES = /[\u0001-\u0005]/;
  const string = (number) => data.strings[number || 0];

  /** A text of a finding, the finding's own values back in their holes. */
  function text(row, number) {
    const value = string(number);
    return HOLES.test(value) ? value.replace(/[\u0001-\u0005]/g, (hole) => filling(row, hole.charCodeAt(0))) : value;
  }

  function filling(row, hole) {
    if (hole < 3) return text(row, row[hole === 1 ? NAME : ID]);
    return data.places[row[PLACE]][[0, 1, 4][hole - 3]];
  }

  const kind = (row) => data.kinds[row[KIND]];
  const place = (row) => data.places[row[PLACE]];
  const anchor = (id) => id.replace(/[^0-9A-Za-z_-]/g, '-');
  const thousands = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ',');
  const counted = (number, noun) => `${thousands(number)} ${noun}${number === 1 ? '' : 's'}`;
  const words = (id) => (id.charAt(0).toUpperCase() + id.slice(1)).replace(/_/g, ' ');

  // ---- Elements

  function element(name, className, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  const isolated = (value) => element('bdi', '', value);

  function link(href, ...children) {
    const made = element('a', '', ...children);
    made.setAttribute('href', href);
    return made;
  }

  function filterLink(table, filters, ...children) {
    return link(`#${table}?${new URLSearchParams(filters)}`, ...children);
  }

  function mark([score, coverage, band], wide) {
    const made = element('span', `mark ${BANDS[band]}`);
    const bar = element('span', 'bar');
    bar.setAttribute('aria-hidden', 'true');
    bar.style.setProperty('--score', parseFloat(score) || 0);
    made.append(bar, element('b', '', score));
    if (wide) made.append(' ', element('span', 'word', WORDS[band]));
    made.append(' ', element('span', 'seen', coverage + (wide && coverage.includes('%') ? ' covered' : '')));
    return made;
  }

  const severityTag = (name) => element('span', `sev ${name}`, name);

  /** Values by label; a way of several steps (see `values.way`) is numbered. */
  function facts(list) {
    return list.map(([label, lines]) => element('div', '', element('dt', '', isolated(label)),
      ...(/(^|_)(path|chain)$/.test(label) && lines.length > 1 ? [element('dd', '', steps(lines))]
        : lines.map((line) => element('dd', '', isolated(line))))));
  }

  const steps = (lines) => element('ol', 'steps', ...lines.map((line) => element('li', '', isolated(line))));

  /** A copy of a table's row template and its slots by name. */
  function copy(section) {
    const row = section.querySelector('template[data-row]').content.firstElementChild.cloneNode(true);
    const slots = {};
    for (const slot of row.querySelectorAll('[data-slot]')) slots[slot.dataset.slot] = slot;
    return [row, slots];
  }

  // ---- Tables: filter, sort, page

  /**
   * options: section, noun, count, draw(index), matcher(filters) -> (index) => boolean, keys {column: (index) => value}.
   * Returns {apply(filters), show(index)}.
   */
  function table(options) {
    const { section, count } = options;
    const form = section.querySelector('form');
    const body = section.querySelector('tbody');
    const pages = section.querySelector('.pages');
    const [back, on] = pages.querySelectorAll('button');
    const size = pages.querySelector('select');
    const all = Array.from({ length: count }, (_, index) => index);
    let sorted = all;
    let lines = all;
    const opened = new Set();
    let kept = all;
    let page = 0;
    let grouping = '';
    let groups = null;

    function filters() {
      const set = {};
      for (const field of form.elements) if (field.name && field.value.trim()) set[field.name] = field.value.trim();
      return set;
    }

    function refilter() {
      const { group, ...set } = filters();
      const matches = Object.keys(set).length ? options.matcher(set) : null;
      kept = matches ? sorted.filter(matches) : sorted;
      for (const field of form.elements) field.classList.toggle('filtered', Boolean(field.name && field.value.trim()));
      page = 0;
      grouping = group || '';
      arrange();
      draw();
    }

    /** What the pages show: rows, or the heads of groups with the rows of those that are open. */
    function arrange() {
      groups = grouping ? grouped(kept, options.groups[grouping], options.weigh) : null;
      lines = groups ? groups.flatMap((group) => (opened.has(`${grouping} ${group.name}`) ? [group, ...group.rows] : [group])) : kept;
    }

    function draw() {
      const step = Number(size.value);
      const last = Math.max(0, Math.ceil(lines.length / step) - 1);
      page = Math.min(page, last);
      const first = page * step;
      const shown = lines.slice(first, first + step);
      body.replaceChildren(...shown.map((line) => (typeof line === 'number' ? options.draw(line) : drawGroup(line))));
      back.disabled = page === 0;
      on.disabled = page === last;
      pages.hidden = lines.length <= Number(size.options[0].value);
      pages.querySelector('[data-page]').textContent = `Page ${page + 1} of ${last + 1}`;
      section.querySelector('[data-number]').textContent = summary(first, shown.length);
    }

    function summary(first, shown) {
      const of = kept.length === count ? counted(count, options.noun) : `${thousands(kept.length)} of ${counted(count, options.noun)}`;
      const inGroups = groups ? ` in ${counted(groups.length, 'group')}` : '';
      const range = shown < lines.length ? `, ${groups ? 'lines ' : ''}${thousands(first + 1)} to ${thousands(first + shown)} shown` : '';
      return `${of}${inGroups}${range}.${options.missing ? ` ${options.missing}` : ''}`;
    }

    function drawGroup(group) {
      const made = section.querySelector('template[data-group]').content.firstElementChild.cloneNode(true);
      const key = `${grouping} ${group.name}`;
      const button = made.querySelector('button');
      made.querySelector('[data-slot=name]').textContent = group.name;
      made.querySelector('[data-slot=number]').textContent = options.describe(group.rows);
      button.setAttribute('aria-expanded', String(opened.has(key)));
      button.addEventListener('click', () => {
        if (!opened.delete(key)) opened.add(key);
        arrange();
        draw();
        for (const other of body.querySelectorAll('.group button')) if (other.textContent === group.name) other.focus();
      });
      return made;
    }

    function sort(header, headers) {
      const descending = header.getAttribute('aria-sort') === 'ascending';
      for (const other of headers) other.removeAttribute('aria-sort');
      header.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      const key = all.map(options.keys[header.dataset.sort]);
      const sign = descending ? -1 : 1;
      sorted = all.slice().sort((a, b) => (key[a] < key[b] ? -sign : key[a] > key[b] ? sign : a - b));
      refilter();
    }

    function makeSortable() {
      const headers = [...section.querySelectorAll('th[data-sort]')];
      for (const header of headers) {
        const button = element('button', '', ...header.childNodes);
        button.type = 'button';
        button.addEventListener('click', () => sort(header, headers));
        header.append(button);
      }
    }

    let timer = 0;
    form.addEventListener('input', (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => { refilter(); remember(); }, event.target.type === 'select-one' ? 0 : 60);
    });
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('reset', () => { clear(); setTimeout(() => { refilter(); remember(); }); });
    back.addEventListener('click', () => { page -= 1; draw(); });
    on.addEventListener('click', () => { page += 1; draw(); });
    size.addEventListener('change', draw);

    /** The address names what is filtered, so that it can be sent to somebody. */
    function remember() {
      const query = new URLSearchParams(filters()).toString();
      setHash(query ? `#${section.id}?${query}` : `#${section.id}`);
    }

    /** A form's reset leaves hidden fields as they are. */
    function clear() {
      for (const field of form.querySelectorAll('input[type=hidden]')) field.value = '';
    }

    function apply(set) {
      form.reset();
      clear();
      for (const [name, value] of Object.entries(set)) {
        const field = form.elements.namedItem(name);
        if (field) field.value = value;
      }
      refilter();
    }

    function show(index) {
      if (!kept.includes(index)) apply({});
      const group = groups && groups.find((one) => one.rows.includes(index));
      if (group) { opened.add(`${grouping} ${group.name}`); arrange(); }
      page = Math.floor(lines.indexOf(index) / Number(size.value));
      draw();
    }

    makeSortable();
    draw();
    return { apply, show, section };
  }

  /** Rows by the name of their group, the group with the heaviest row first, then the largest; rows keep their order. */
  function grouped(indexes, nameOf, weigh) {
    const found = new Map();
    for (const index of indexes) {
      const name = nameOf(index) || '(none)';
      if (!found.has(name)) found.set(name, { name, rows: [], weight: 0 });
      const group = found.get(name);
      group.rows.push(index);
      group.weight = Math.max(group.weight, weigh(index));
    }
    return [...found.values()].sort((a, b) => b.weight - a.weight || b.rows.length - a.rows.length || (a.name < b.name ? -1 : 1));
  }

  function setHash(hash) {
    try {
      history.replaceState(null, '', hash);
    } catch {
      // A sandboxed viewer has no address to change; filters work without.
    }
  }

  /** Matches a value by name where it is the exact name of something, else by any part of it. */
  function likeName(wanted, known) {
    const needle = wanted.toLowerCase();
    const exact = known.has(needle);
    return (...values) => values.some((value) => {
      const lower = value.toLowerCase();
      return exact ? lower === needle : lower.includes(needle);
    });
  }

  const lowerSet = (values) => new Set(values.map((value) => value.toLowerCase()));
  const later = (make) => { let made; return () => (made ??= make()); };
  const knownAccounts = later(() => lowerSet([...data.places.flatMap((p) => [p[0], p[1]]), ...data.accounts.flatMap((a) => [a[A_ID], a[A_NAME]])]));
  const knownOwners = later(() => lowerSet(data.accounts.map((a) => string(a[A_OWNER]))));
  const knownUnits = later(() => {
    const paths = new Set();
    for (const account of data.accounts) {
      const parts = string(account[A_UNIT]).split(' / ');
      parts.forEach((part, depth) => { if (part) paths.add(parts.slice(0, depth + 1).join(' / ')); });
    }
    return [...paths].sort();
  });
  const knownWorkloads = later(() => lowerSet([...data.places.map((p) => p[3]), ...data.matrix.map((row) => row[0])]));

  // ---- Findings

  const rows = data.rows;
  const haystacks = later(() => rows.map((row) => [
    text(row, row[MESSAGE]), kind(row)[TITLE], kind(row)[RULE], text(row, row[NAME]), text(row, row[ID]), place(row)[0], place(row)[1],
  ].join('\n').toLowerCase()));

  function findingFacts(row) {
    const file = row[FILE] ? string(row[FILE]) + (row[LINE] ? `:${row[LINE]}` : '') : '';
    const arn = text(row, row[ARN]);
    const about = [
      ['Rule', kind(row)[RULE]], ['Subject', string(row[TYPE])], [arn ? 'ARN' : 'Id', arn || text(row, row[ID])],
      ['Region', place(row)[4]], ['Confidence', kind(row)[CONFIDENCE]], ['First seen', string(row[SEEN])], ['File', file],
      ['Waived because', string(row[REASON])], ['Waived by', string(row[OWNER])], ['Waived until', string(row[EXPIRY])],
      ['Fixed at', text(row, row[AT])],
    ].filter(([, value]) => value).map(([label, value]) => [label, [value]]);
    const values = row[VALUES] || [];
    const evidence = data.keys[row[KEYS] || 0].map((key, index) => [key, [].concat(values[index]).map((number) => text(row, number))]);
    return facts(about.concat(evidence));
  }

  function drawFinding(index) {
    const row = rows[index];
    const [made, slot] = copy(sections.findings);
    const [rule, where] = [kind(row), place(row)];
    const details = made.querySelector('details');
    details.id = `f-${anchor(row[MARK])}`;
    slot.severity.textContent = rule[SEVERITY];
    slot.severity.className = `sev ${rule[SEVERITY]}`;
    slot.message.textContent = text(row, row[MESSAGE]);
    slot.subject.textContent = text(row, row[NAME]) || text(row, row[ID]);
    slot.account.setAttribute('href', `#a-${anchor(where[0])}`);
    slot.account.firstElementChild.textContent = where[1] || where[0];
    slot.environment.textContent = where[2];
    slot.workload.textContent = where[3];
    slot.state.textContent = STATES[row[STATE]];
    // What unfolds is made when it unfolds: a page of 500 rows stays quick.
    details.addEventListener('toggle', () => unfoldFinding(row, slot), { once: true });
    return made;
  }

  function unfoldFinding(row, slot) {
    const rule = kind(row);
    const lines = (value) => (value ? value.split('\n') : []).map((line) => element('p', '', isolated(line)));
    slot.title.textContent = rule[TITLE];
    slot.link.setAttribute('href', `#f-${anchor(row[MARK])}`);
    slot.facts.replaceChildren(...findingFacts(row));
    slot.why.replaceChildren(...rule[WHY].map((line) => element('p', '', isolated(line))));
    slot.fix.replaceChildren(...lines(text(row, row[FIX])));
    slot.references.replaceChildren(...data.references[row[REFERENCES] || 0].map(reference));
  }

  function reference([value, isLink]) {
    if (!isLink) return element('li', '', isolated(value));
    const made = link(value, value);
    made.rel = 'noopener noreferrer';
    return element('li', '', made);
  }

  /** A test of where a finding is, made once for all findings there. */
  function perPlace(test) {
    const known = [];
    return (row) => (known[row[PLACE]] ??= test(row));
  }

  function findingMatcher(set) {
    const tests = [];
    const equal = (name, of) => { if (set[name]) tests.push((row) => of(row) === set[name]); };
    equal('principle', (row) => kind(row)[PRINCIPLE]);
    equal('severity', (row) => kind(row)[SEVERITY]);
    equal('rule', (row) => kind(row)[RULE]);
    equal('environment', (row) => place(row)[2]);
    equal('outcome', (row) => (row[STATE] < 3 ? 'fail' : 'not_evaluated'));
    equal('status', (row) => STATES[row[STATE] % 3]);
    if (set.account) { const like = likeName(set.account, knownAccounts()); tests.push(perPlace((row) => like(place(row)[0], place(row)[1]))); }
    if (set.workload) { const like = likeName(set.workload, knownWorkloads()); tests.push(perPlace((row) => like(place(row)[3]))); }
    if (set.unit) { const within = inUnit(set.unit); tests.push(perPlace((row) => within(unitOf(row)))); }
    if (set.owner) { const like = likeName(set.owner, knownOwners()); tests.push(perPlace((row) => like(ownerOf(row)))); }
    const needles = (set.search || '').toLowerCase().split(/\s+/).filter(Boolean);
    const hay = needles.length ? haystacks() : null;
    return (index) => tests.every((test) => test(rows[index])) && needles.every((needle) => hay[index].includes(needle));
  }

  const accountOf = later(() => new Map(data.accounts.map((account) => [account[A_ID], account])));
  const ownAccount = (row, part) => { const found = accountOf().get(place(row)[0]); return found ? string(found[part]) : ''; };
  const unitOf = (row) => ownAccount(row, A_UNIT);
  const ownerOf = (row) => ownAccount(row, A_OWNER);

  /** A unit's whole path takes in what is below it; anything else matches a part of a path. */
  function inUnit(wanted) {
    const needle = wanted.toLowerCase();
    const exact = knownUnits().some((path) => path.toLowerCase() === needle);
    return (path) => { const it = path.toLowerCase(); return exact ? it === needle || it.startsWith(`${needle} / `) : it.includes(needle); };
  }

  const lower = (value) => (value || '').toLowerCase();
  const findingKeys = {
    severity: (i) => SEVERITIES.indexOf(kind(rows[i])[SEVERITY]),
    rule: (i) => kind(rows[i])[TITLE],
    subject: (i) => lower(text(rows[i], rows[i][NAME] || rows[i][ID])),
    account: (i) => lower(place(rows[i])[1] || place(rows[i])[0]),
    environment: (i) => place(rows[i])[2],
    workload: (i) => lower(place(rows[i])[3]),
    status: (i) => rows[i][STATE],
  };

  const findingGroups = {
    rule: (i) => kind(rows[i])[TITLE],
    principle: (i) => words(kind(rows[i])[PRINCIPLE]),
    severity: (i) => kind(rows[i])[SEVERITY],
    account: (i) => { const [id, name] = place(rows[i]); return name && name !== id ? `${name} (${id})` : id; },
    unit: (i) => unitOf(rows[i]),
    environment: (i) => place(rows[i])[2],
    workload: (i) => place(rows[i])[3],
    owner: (i) => ownerOf(rows[i]),
    status: (i) => STATES[rows[i][STATE]],
  };
  // What is accepted or was not evaluated comes after what fails.
  const weigh = (i) => (rows[i][STATE] === 0 ? SEVERITIES.length - SEVERITIES.indexOf(kind(rows[i])[SEVERITY]) : 0);

  /** `12 findings: 3 critical, 9 high` */
  function describe(indexes) {
    const numbers = SEVERITIES.map((name) => [name, indexes.filter((i) => kind(rows[i])[SEVERITY] === name).length]).filter(([, number]) => number);
    return `${counted(indexes.length, 'finding')}: ${numbers.map(([name, number]) => `${thousands(number)} ${name}`).join(', ')}`;
  }

  // ---- Accounts

  const accounts = data.accounts;
  const findingsOf = later(() => {
    const found = new Map();
    rows.forEach((row, index) => {
      const id = place(row)[0];
      if (row[STATE] !== 0) return;
      if (!found.has(id)) found.set(id, []);
      if (found.get(id).length < WORST) found.get(id).push(index);
    });
    return found;
  });

  function drawAccount(index) {
    const account = accounts[index];
    const [made, slot] = copy(sections.accounts);
    const details = made.querySelector('details');
    details.id = `a-${anchor(account[A_ID])}`;
    slot.name.textContent = account[A_NAME];
    slot.id.textContent = account[A_ID];
    slot.note.textContent = (account[A_FLAGS] & 1 ? ', management account' : '') + (account[A_FLAGS] & 2 ? '' : ', could not be read');
    slot.unit.textContent = string(account[A_UNIT]);
    slot.environment.textContent = string(account[A_ENVIRONMENT]);
    slot.workload.textContent = string(account[A_WORKLOAD]);
    slot.owner.textContent = string(account[A_OWNER]);
    slot.mark.replaceChildren(mark(account[A_MARK], true));
    account[A_FAILED].forEach((number, severity) => { slot[`failed${severity}`].textContent = number; });
    details.addEventListener('toggle', () => unfoldAccount(account, slot), { once: true });
    return made;
  }

  function unfoldAccount(account, slot) {
    const about = [['Status', [string(account[A_STATUS])]], ['Resources read', [String(account[A_RESOURCES])]]];
    if (account[A_PLACES].length) about.push(['Mixed: holds', account[A_PLACES].map((pair) => pair.map(string).join(' '))]);
    about.push(...damage.facts(accounts.indexOf(account)));
    slot.facts.replaceChildren(...facts(about));
    const worst = (findingsOf().get(account[A_ID]) || []).map((index) => rows[index]);
    slot.worst.replaceChildren(...worst.map((row) => element('li', '', severityTag(kind(row)[SEVERITY]), ' ',
      link(`#f-${anchor(row[MARK])}`, isolated(text(row, row[MESSAGE]))))));
    slot.link.setAttribute('href', `#findings?${new URLSearchParams({ account: account[A_ID] })}`);
    if (slot.around) slot.around.setAttribute('href', `#reach=${anchor(account[A_ID])}`);
    slot.gaps.replaceChildren(...account[A_GAPS].map((line) => element('li', '', isolated(string(line)))));
    if (account[A_MORE]) slot.gaps.append(element('li', '', `… ${account[A_MORE]} more are in findings.json`));
  }

  function accountMatcher(set) {
    const tests = [];
    const places = (account) => [[account[A_WORKLOAD], account[A_ENVIRONMENT]], ...account[A_PLACES]];
    const workload = set.workload ? likeName(set.workload, knownWorkloads()) : () => true;
    const environment = (value) => !set.environment || value === set.environment;
    if (set.workload || set.environment) tests.push((a) => places(a).some(([w, e]) => workload(string(w)) && environment(string(e))));
    if (set.read) tests.push((a) => Boolean(a[A_FLAGS] & 2) === (set.read === 'yes'));
    if (set.unit) tests.push((a) => string(a[A_UNIT_ID]) === set.unit);
    if (set.search) {
      const needle = set.search.toLowerCase();
      tests.push((a) => [a[A_ID], a[A_NAME], string(a[A_OWNER]), string(a[A_UNIT])].some((value) => value.toLowerCase().includes(needle)));
    }
    return (index) => tests.every((test) => test(accounts[index]));
  }

  const score = (a) => { const value = parseFloat(a[A_MARK][0]); return Number.isNaN(value) ? 101 : value; };
  const accountKeys = {
    name: (i) => lower(accounts[i][A_NAME]),
    unit: (i) => string(accounts[i][A_UNIT]),
    environment: (i) => string(accounts[i][A_ENVIRONMENT]),
    workload: (i) => lower(string(accounts[i][A_WORKLOAD])),
    owner: (i) => lower(string(accounts[i][A_OWNER])),
    score: (i) => score(accounts[i]),
  };
  SEVERITIES.forEach((name, place) => { accountKeys[name] = (i) => -accounts[i][A_FAILED][place]; });

  // ---- Matrix

  const cellAccount = (entry) => (typeof entry === 'number' ? accounts[entry] : null);

  function drawWorkload(index) {
    const [name, itsMark, cells] = data.matrix[index];
    const made = element('tr', '');
    const head = element('th', '', isolated(name), element('div', '', mark(itsMark, false)));
    head.scope = 'row';
    const missing = missingIn(cells);
    made.append(head, ...cells.map((entries, column) => element('td', '', element('div', 'cell', ...drawCell(entries, name, column, missing(column))))));
    return made;
  }

  /** An environment that others have is missing where the workload has another of those; see `summary.workloads`. */
  const missingIn = (cells) => {
    const some = cells.some((entries, column) => entries.length && data.expected[column]);
    return (column) => Boolean(some && data.expected[column] && !cells[column].length);
  };

  function drawCell(entries, workload, column, missing) {
    if (!entries.length) return missing ? [element('span', 'missing', 'missing')] : [];
    const list = element('ul', '', ...entries.slice(0, MOST_IN_CELL).map((entry) => drawEntry(entry, workload, column)));
    const more = entries.length - MOST_IN_CELL;
    if (more <= 0) return [list];
    return [list, element('p', 'own', filterLink('accounts', { workload, environment: data.environments[column] }, `and ${counted(more, 'more account')}`))];
  }

  function drawEntry(entry, workload, column) {
    const account = cellAccount(entry);
    if (!account) return element('li', '', isolated(entry));
    const made = element('li', '', link(`#a-${anchor(account[A_ID])}`, isolated(account[A_NAME])), ' ', mark(account[A_MARK], false));
    const others = account[A_PLACES].map((pair) => pair.map(string)).filter(([w, e]) => w !== workload || e !== data.environments[column]);
    if (others.length) {
      const named = others.slice(0, 3).map((pair) => pair.join(' ')).join(', ') + (others.length > 3 ? ` and ${others.length - 3} more` : '');
      made.className = 'mixed';
      made.append(' ', element('span', 'also', 'mixed: also ', isolated(named)));
    }
    return made;
  }

  function workloadMatcher(set) {
    const needle = (set.search || '').toLowerCase();
    const named = (entry) => { const a = cellAccount(entry); return a ? `${a[A_ID]}\n${a[A_NAME]}` : entry; };
    const tests = {
      mixed: (cells) => cells.flat().some((entry) => cellAccount(entry)?.[A_PLACES].length),
      missing: (cells) => cells.some((entries, column) => missingIn(cells)(column)),
    };
    return (index) => {
      const [name, , cells] = data.matrix[index];
      if (set.show && !tests[set.show](cells)) return false;
      return !needle || name.toLowerCase().includes(needle) || cells.flat().some((entry) => named(entry).toLowerCase().includes(needle));
    };
  }

  // ---- Tree

  function tree(section) {
    const form = section.querySelector('form');
    if (!form) return;
    const units = [...section.querySelectorAll('li[data-unit]')];
    const found = section.querySelector('[data-number]');
    const MOST = 25;

    function search(needle) {
      section.querySelectorAll('.found').forEach((item) => item.remove());
      section.querySelectorAll('.tree [hidden]').forEach((item) => { item.hidden = false; });
      found.textContent = '';
      if (!needle) return;
      const byUnit = new Map();
      for (const account of accounts) {
        if (!`${account[A_NAME]}\n${account[A_ID]}`.toLowerCase().includes(needle)) continue;
        const id = string(account[A_UNIT_ID]);
        byUnit.set(id, [...(byUnit.get(id) || []), account]);
      }
      let total = 0;
      // Children come after their parents in the page, so that going backwards meets them first.
      for (const unit of units.slice().reverse()) total += searchUnit(unit, needle, byUnit.get(unit.dataset.unit) || []);
      found.textContent = `${counted(total, 'account')} and ${counted(units.filter((unit) => named(unit, needle)).length, 'unit')} found.`;
    }

    const named = (unit, needle) => unit.querySelector('.name').textContent.toLowerCase().includes(needle);

    function searchUnit(unit, needle, matches) {
      const details = unit.firstElementChild;
      const list = details.lastElementChild;
      const below = [...list.children].some((item) => item.dataset.unit !== undefined && !item.hidden);
      const self = named(unit, needle);
      unit.hidden = !(self || below || matches.length);
      if (!below && !matches.length) return 0;
      details.open = true;
      for (const leaf of list.querySelectorAll(':scope > .leaf')) leaf.hidden = true;
      list.append(...matches.slice(0, MOST).map(foundLeaf));
      if (matches.length > MOST) list.append(element('li', 'leaf found', `… ${counted(matches.length - MOST, 'more account')}`));
      return matches.length;
    }

    function foundLeaf(account) {
      const name = element('span', 'name', link(`#a-${anchor(account[A_ID])}`, isolated(account[A_NAME])), ' ', element('code', '', account[A_ID]));
      return element('li', 'leaf found', name, ' ', mark(account[A_MARK], true));
    }

    let timer = 0;
    form.addEventListener('input', (event) => { clearTimeout(timer); timer = setTimeout(() => search(event.target.value.trim().toLowerCase()), 120); });
    form.addEventListener('submit', (event) => event.preventDefault());
    for (const button of form.querySelectorAll('[data-all]')) {
      button.addEventListener('click', () => { for (const unit of units) unit.firstElementChild.open = Boolean(button.dataset.all); });
    }
  }

  // ---- Suggestions: the few names that match what is typed, not ten thousand options

  function suggest(list, values) {
    for (const input of document.querySelectorAll(`input[list="${list}"]`)) {
      const fill = () => {
        const needle = input.value.trim().toLowerCase();
        const some = [];
        for (const value of values()) {
          if (value.toLowerCase().includes(needle)) some.push(value);
          if (some.length === 30) break;
        }
        document.getElementById(list).replaceChildren(...some.map((value) => new Option(value)));
      };
      input.addEventListener('focus', fill);
      input.addEventListener('input', fill);
    }
  }

  // ---- Links inside the page

  function indexOf(list, part, id) {
    return list.findIndex((row) => anchor(row[part]) === id);
  }

  function unfold(owner, index, id) {
    if (!owner || index < 0) return;
    owner.show(index);
    const details = document.getElementById(id);
    details.open = true;
    details.scrollIntoView({ block: 'start' });
    details.firstElementChild.focus({ preventScroll: true });
    // What lies above is laid out as it comes into sight (see `.large`), and may have moved it.
    requestAnimationFrame(() => requestAnimationFrame(() => details.scrollIntoView({ block: 'start' })));
  }

  function follow() {
    const hash = location.hash.slice(1);
    const [name, query] = [hash.split('?')[0], hash.split('?').slice(1).join('?')];
    if (hash.startsWith('f-')) unfold(tables.findings, indexOf(rows, MARK, hash.slice(2)), hash);
    else if (hash.startsWith('a-')) unfold(tables.accounts, indexOf(accounts, A_ID, hash.slice(2)), hash);
    else if (hash.startsWith('d-')) unfold(tables.drill, damage.rowOf(hash.slice(2)), hash);
    else if (hash.startsWith('reach=')) damage.lookAround(hash.slice(6));
    else if (hash.startsWith('r-')) { const rule = document.getElementById(hash); if (rule) rule.open = true; }
    else if (query && Object.hasOwn(tables, name)) {
      tables[name].apply(Object.fromEntries(new URLSearchParams(query)));
      tables[name].section.scrollIntoView();
    }
  }

  function followAgain(event) {
    const target = event.target.closest('a[href^="#"]');
    if (target && target.getAttribute('href') === location.hash) setTimeout(follow);
  }

  function theme() {
    const select = document.getElementById('theme');
    select.value = root.dataset.theme || '';
    select.addEventListener('change', () => {
      if (select.value) root.dataset.theme = select.value;
      else delete root.dataset.theme;
      try {
        localStorage.setItem('bulkhead-theme', select.value);
      } catch {
        // See theme.js: the choice lasts as long as the page.
      }
    });
  }

  // A printed page cannot be unfolded: rules and advice print whole.
  const opened = [];
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('#first details:not([open]), .calls:not([open])')) {
      details.open = true;
      opened.push(details);
    }
  });
  addEventListener('afterprint', () => { for (const details of opened.splice(0)) details.open = false; });

  /** What a page of this size cannot carry. */
  function leftOut() {
    return data.left ? `These are the worst ones: ${thousands(data.left)} more are too many for a page and stand in findings.json and findings.csv (--format json, --format csv).` : '';
  }

  const sections = Object.fromEntries(['matrix', 'accounts', 'findings', 'tree'].map((id) => [id, document.getElementById(id)]));
  const tables = {
    findings: table({ section: sections.findings, noun: 'finding', count: rows.length, missing: leftOut(), draw: drawFinding, matcher: findingMatcher, keys: findingKeys, groups: findingGroups, weigh, describe }),
    accounts: table({ section: sections.accounts, noun: 'account', count: accounts.length, draw: drawAccount, matcher: accountMatcher, keys: accountKeys }),
  };
  if (data.matrix.length) {
    tables.matrix = table({ section: sections.matrix, noun: 'workload', count: data.matrix.length, draw: drawWorkload, matcher: workloadMatcher, keys: {} });
  }
  const damage = damageSections({ data, string, element, isolated, steps, copy, anchor, counted, thousands, table, setHash });
  Object.assign(tables, damage.tables);
  tree(sections.tree);
  suggest('accounts-known', later(() => [...new Set(accounts.flatMap((a) => [a[A_NAME], a[A_ID]]))]));
  suggest('workloads-known', later(() => [...new Set([...data.matrix.map((row) => row[0]), ...data.places.map((p) => p[3])])].filter(Boolean).sort()));
  suggest('units-known', knownUnits);
  suggest('owners-known', later(() => [...new Set(accounts.map((a) => string(a[A_OWNER])))].filter(Boolean).sort()));
  for (const made of document.querySelectorAll('a[data-filter]')) made.setAttribute('href', `#${made.dataset.filter}`);
  theme();
  addEventListener('hashchange', follow);
  document.addEventListener('click', followAgain);
  follow();
  root.classList.add('ready');
  performance.mark('ready');
  // What the first search would wait for is made while nobody does.
  const idle = window.requestIdleCallback || setTimeout;
  for (const make of [haystacks, knownAccounts, knownUnits, accountOf]) idle(make);
  // Likewise the layout of what is not in sight: then a picture of the whole page has it too.
  const sectionsLeft = [...document.querySelectorAll('.large section')];
  const layNext = () => {
    const next = sectionsLeft.shift();
    if (next) { next.style.contentVisibility = 'visible'; idle(layNext); } else root.classList.add('whole');
  };
  idle(layNext);
})();
