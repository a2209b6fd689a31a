// What is typed into a revision of a plan: kept as texts by place, read as the change
// list that the API wants. Only what differs from the plan is kept, and sent.

import { normalised } from './entry.js'
import { t } from './i18n.js'
import { isPercent, SETTINGS } from './plan.js'

/**
 * @typedef {import('./plan.js').Plan} Plan
 * @typedef {import('./plan.js').PlanItem} PlanItem
 * @typedef {import('./plan.js').PlanLink} PlanLink
 * @typedef {Record<string, string>} PlanDraft texts by place: `item/KEY/target.3`, `link/KEY`, `new/1/ja`
 * @typedef {{op: string, kind: string, key?: string, after?: unknown}} Change
 * @typedef {{place: string, members: Record<string, string>, targets?: string[]}} Origin where a change was typed
 * @typedef {{changes: Change[], origins: Origin[], faults: Record<string, string>}} Read
 */

const YES = 'yes'
const NO = 'no'
const MONTHS_OF_YEAR = 12
/** Members of an item that have one field, by the member of the API. */
const ITEM_FIELDS = { bar: 'start', phasing: 'phasing', high_hurdle: 'hurdle' }

/**
 * A figure as typed: 400万円, 1,200, 12.5% of a share; undefined where it is none.
 * @param {string} text @param {import('./plan.js').Measured} of
 */
export function readFigure(text, of) {
  const match = /^(-)?(?:(\d+(?:\.\d+)?)億)?(?:(\d+(?:\.\d+)?)万)?(\d+(?:\.\d+)?)?$/.exec(normalised(text))
  if (!match || !/\d/.test(text.normalize('NFKC'))) return undefined
  const [, minus, oku = 0, man = 0, rest = 0] = match
  const value = (Number(oku) * 1e8 + Number(man) * 1e4 + Number(rest)) * (minus ? -1 : 1)
  // Of a share what is typed is percent; more decimals than are stored are for the API to refuse.
  return isPercent(of) ? Number((value / 100).toPrecision(12)) : value
}

/** @param {number | null | undefined} value @param {import('./plan.js').Measured} of */
export function figureText(value, of) {
  if (value === null || value === undefined) return ''
  const shown = isPercent(of) ? Number((value * 100).toPrecision(12)) : value
  return new Intl.NumberFormat('en', { maximumFractionDigits: 4 }).format(shown)
}

/** The plan as texts by place. @param {Plan} plan @returns {PlanDraft} */
export function textsOf(plan) {
  /** @type {PlanDraft} */
  const texts = {}
  for (const item of plan.items) Object.assign(texts, itemTexts(`item/${item.key}`, item))
  plan.links.forEach((link, index) => {
    texts[`link/${plan.link_keys[index]}`] = String(link.lag_months)
  })
  for (const key of Object.keys(SETTINGS)) {
    texts[`setting/${key}`] = settingText(key, Reflect.get(plan.settings, key))
  }
  for (const { key, unit } of plan.parameter_definitions) {
    texts[`parameter/${key}`] = figureText(plan.parameters[key], { unit })
  }
  return texts
}

/** @param {string} place @param {PlanItem} item @returns {PlanDraft} */
function itemTexts(place, item) {
  const { bar, phasing, targets, high_hurdle } = item
  /** @type {PlanDraft} */
  const texts = { [`${place}/hurdle`]: high_hurdle ? YES : NO, [`${place}/retire`]: NO }
  for (const target of targets) texts[`${place}/${targetField(target.year)}`] = figureText(target.value, item)
  if (bar) Object.assign(texts, { [`${place}/start`]: String(bar[0]), [`${place}/due`]: String(bar[1]) })
  if (item.measure !== 'flow') return texts
  texts[`${place}/phasing`] = phasing?.kind ?? 'even'
  texts[`${place}/first_month`] = String(phasing?.first_month ?? 1)
  texts[`${place}/sessions`] = String(phasing?.sessions ?? '')
  for (let month = 0; month < MONTHS_OF_YEAR; month++) {
    texts[`${place}/weight.${month}`] = String(phasing?.weights?.[month] ?? '')
  }
  return texts
}

/** @param {number | null | undefined} year */
export const targetField = year => (year ? `target.${year}` : 'target')

/** @param {string} key @param {unknown} value */
function settingText(key, value) {
  const kind = SETTINGS[key]
  if (kind === 'switch') return value ? YES : NO
  return figureText(Number(value), { unit: kind === 'share' ? 'share' : '' })
}

/** Takes out what says the same as the plan. @param {PlanDraft} draft @param {PlanDraft} texts */
export function settle(draft, texts) {
  for (const [place, text] of Object.entries(draft)) {
    if (place.includes('/') && !place.startsWith('new/') && text === (texts[place] ?? '')) delete draft[place]
  }
}

/** How many parts of the plan are typed. @param {PlanDraft} draft */
export function countParts(draft) {
  const parts = Object.keys(draft).filter(place => place.includes('/'))
  return new Set(parts.map(place => place.split('/').slice(0, 2).join('/'))).size
}

/** Numbers of the items that are being added. @param {PlanDraft} draft */
export function addedNumbers(draft) {
  const numbers = Object.keys(draft).flatMap(place => (place.startsWith('new/') ? [Number(place.split('/')[1])] : []))
  return [...new Set(numbers)].sort((a, b) => a - b)
}

/** The change list of a draft, with the place of each change. @param {Plan} plan @param {PlanDraft} draft @returns {Read} */
export function readDraftOf(plan, draft) {
  const reader = new Reader(plan, draft)
  for (const item of plan.items) reader.item(item)
  plan.links.forEach((link, index) => reader.link(plan.link_keys[index] ?? '', link))
  for (const { key, unit } of plan.parameter_definitions) reader.parameter(key, unit)
  for (const key of Object.keys(SETTINGS)) reader.setting(key)
  for (const number of addedNumbers(draft)) reader.added(`new/${number}`)
  return reader.read
}

class Reader {
  /** @type {Read} */
  read = { changes: [], origins: [], faults: {} }

  /** @param {Plan} plan @param {PlanDraft} draft */
  constructor(plan, draft) {
    this.draft = draft
    this.texts = textsOf(plan)
  }

  /** @param {string} place */
  #text(place) {
    return this.draft[place] ?? this.texts[place] ?? ''
  }

  /** @param {string} place */
  #isTyped(place) {
    return this.draft[place] !== undefined
  }

  /** @param {Change} change @param {Origin} origin */
  #push(change, origin) {
    this.read.changes.push(change)
    this.read.origins.push(origin)
  }

  /** @param {string} place @param {import('./plan.js').Measured} of */
  #figure(place, of) {
    const value = readFigure(this.#text(place), of)
    if (value === undefined) this.read.faults[place] = t('entry.fault.figure')
    return value ?? 0
  }

  /** @param {PlanItem} item */
  item(item) {
    const place = `item/${item.key}`
    const typed = Object.keys(this.draft).filter(name => name.startsWith(`${place}/`))
    if (typed.length === 0) return
    if (this.#text(`${place}/retire`) === YES) {
      this.#push({ op: 'retire', kind: 'item', key: item.key }, { place: `${place}/retire`, members: {} })
      return
    }
    /** @type {Record<string, unknown>} */
    const after = {}
    const isTyped = (/** @type {string[]} */ ...fields) => fields.some(field => this.#isTyped(`${place}/${field}`))
    /** @type {string[]} */
    let targets = []
    if (typed.some(name => name.startsWith(`${place}/target`))) [after.targets, targets] = this.#targets(place, item)
    if (isTyped('start', 'due')) after.bar = this.#bar(place)
    if (typed.some(name => /\/(phasing|first_month|sessions|weight\.\d+)$/.test(name)))
      after.phasing = this.#phasing(place)
    if (isTyped('hurdle')) after.high_hurdle = this.#text(`${place}/hurdle`) === YES
    this.#push(
      { op: 'change', kind: 'item', key: item.key, after },
      { place: typed[0] ?? place, members: membersOf(place), targets },
    )
  }

  /** Targets with their places; one that is not typed stays as it was, formula and all. @param {string} place @param {PlanItem} item @returns {[object[], string[]]} */
  #targets(place, item) {
    const years = [
      ...item.targets.map(target => target.year ?? null),
      ...Object.keys(this.draft).flatMap(name =>
        name.startsWith(`${place}/target.`) ? [Number(name.slice(`${place}/target.`.length))] : [],
      ),
    ]
    /** @type {object[]} */
    const targets = []
    /** @type {string[]} */
    const places = []
    for (const year of [...new Set(years)].sort((a, b) => (a ?? 0) - (b ?? 0))) {
      const field = `${place}/${targetField(year)}`
      const stored = item.targets.find(target => (target.year ?? null) === year)
      if (this.#isTyped(field) ? this.#text(field).trim() === '' : !stored) continue
      const given = stored?.formula ? { formula: stored.formula } : { value: stored?.value }
      targets.push({ ...(year && { year }), ...(this.#isTyped(field) ? { value: this.#figure(field, item) } : given) })
      places.push(field)
    }
    return [targets, places]
  }

  /** @param {string} place */
  #bar(place) {
    return [Number(this.#text(`${place}/start`)), Number(this.#text(`${place}/due`))]
  }

  /** @param {string} place */
  #phasing(place) {
    const kind = this.#text(`${place}/phasing`) || 'even'
    const plain = { unit: '' }
    if (kind === 'sessions') return { kind, sessions: this.#figure(`${place}/sessions`, plain) }
    if (kind === 'even') return { kind, first_month: Number(this.#text(`${place}/first_month`) || 1) }
    const weights = Array.from({ length: MONTHS_OF_YEAR }, (_, month) => {
      const field = `${place}/weight.${month}`
      return this.#text(field).trim() === '' ? 0 : this.#figure(field, plain)
    })
    return { kind, weights }
  }

  /** @param {string} key @param {PlanLink} link */
  link(key, link) {
    const place = `link/${key}`
    if (!this.#isTyped(place)) return
    const after = { kind: link.kind, from: link.from, to: link.to, lag_months: this.#figure(place, { unit: '' }) }
    this.#push({ op: 'change', kind: 'link', key, after }, { place, members: {} })
  }

  /** @param {string} key @param {string} unit */
  parameter(key, unit) {
    const place = `parameter/${key}`
    if (!this.#isTyped(place)) return
    const after = this.#text(place).trim() === '' ? null : this.#figure(place, { unit })
    this.#push({ op: 'change', kind: 'parameter', key, after }, { place, members: {} })
  }

  /** @param {string} key */
  setting(key) {
    const place = `setting/${key}`
    if (!this.#isTyped(place)) return
    const kind = SETTINGS[key]
    const after =
      kind === 'switch' ? this.#text(place) === YES : this.#figure(place, { unit: kind === 'share' ? 'share' : '' })
    this.#push({ op: 'change', kind: 'setting', key, after }, { place, members: {} })
  }

  /** A new item, and the link to what it prepares. @param {string} place */
  added(place) {
    const text = (/** @type {string} */ field) => this.#text(`${place}/${field}`).trim()
    for (const field of ['ja', 'key', 'to']) {
      if (!text(field)) this.read.faults[`${place}/${field}`] = t('form.missing')
    }
    const [key, measure] = [text('key'), text('measure')]
    const unit = measure === 'milestone' ? 'percent' : text('unit')
    const isFlow = measure === 'flow'
    const [targets, places] =
      measure === 'milestone'
        ? [[{ value: 100 }], [`${place}/measure`]]
        : isFlow
          ? this.#targets(place, /** @type {PlanItem} */ ({ unit, measure, targets: /** @type {any[]} */ ([]) }))
          : [[{ value: this.#figure(`${place}/target`, { unit, measure }) }], [`${place}/target`]]
    if (isFlow && targets.length === 0) this.read.faults[`${place}/measure`] = t('propose.fault.target')
    const after = {
      name: { ja: text('ja'), en: text('en') || text('ja') },
      stage: text('stage'),
      measure,
      unit,
      high_hurdle: text('hurdle') === YES,
      targets,
      ...(isFlow ? { phasing: this.#phasing(place) } : { bar: this.#bar(place) }),
    }
    const members = { ...membersOf(place), key: `${place}/key`, name: `${place}/ja`, unit: `${place}/unit` }
    this.#push({ op: 'add', kind: 'item', key, after }, { place: `${place}/ja`, members, targets: places })
    const link = { kind: 'preparation', from: [key], to: [text('to')], lag_months: Number(text('lag') || 0) }
    this.#push(
      { op: 'add', kind: 'link', after: link },
      { place: `${place}/to`, members: { lag_months: `${place}/lag` } },
    )
  }
}

/** @param {string} place */
const membersOf = place =>
  Object.fromEntries(Object.entries(ITEM_FIELDS).map(([member, field]) => [member, `${place}/${field}`]))

/**
 * Where an issue of the API was typed: the place of the field that a pointer leads to.
 * @param {string} path @param {Origin[]} origins
 */
export function placeOf(path, origins) {
  const [list, index = '', , member = '', position = ''] = path.split('/').slice(1)
  if (list !== 'changes') return list ?? ''
  const origin = origins[Number(index)]
  if (!origin || index === '') return ''
  if (path.endsWith('/key')) return origin.members.key ?? origin.place
  if (member === 'targets') return origin.targets?.[Number(position)] ?? origin.place
  if (member === 'phasing' && /\/(sessions|first_month)$/.test(path)) {
    return `${(origin.members.phasing ?? '').replace(/phasing$/, '')}${path.split('/').at(-1)}`
  }
  return origin.members[member] ?? origin.place
}

/**
 * The texts of a change list that was proposed before, to be typed over the plan as it is now.
 * @param {Schema<'Change'>[]} changes @param {Plan} plan
 * @returns {PlanDraft}
 */
export function draftOf(changes, plan) {
  /** @type {PlanDraft} */
  const draft = {}
  let number = 0
  for (const change of changes) {
    const { op, kind, key, after } = change
    if (kind === 'item' && op === 'retire') draft[`item/${key}/retire`] = YES
    else if (kind === 'item' && op === 'change') Object.assign(draft, changedTexts(change))
    else if (kind === 'item') Object.assign(draft, addedTexts(`new/${++number}`, change, changes))
    else if (kind === 'link' && op === 'change') {
      draft[`link/${key}`] = String(/** @type {PlanLink} */ (after).lag_months)
    } else if (kind === 'setting') draft[`setting/${key}`] = settingText(key, after)
    else if (kind === 'parameter') {
      const unit = plan.parameter_definitions.find(parameter => parameter.key === key)?.unit ?? ''
      draft[`parameter/${key}`] = figureText(/** @type {number | null} */ (after ?? null), { unit })
    }
  }
  settle(draft, textsOf(plan))
  return draft
}

/** @param {Schema<'Change'>} change @returns {PlanDraft} */
function changedTexts({ key, before, after }) {
  const place = `item/${key}`
  const old = itemTexts(place, /** @type {PlanItem} */ (before))
  const now = itemTexts(place, /** @type {PlanItem} */ (after))
  const names = new Set([...Object.keys(old), ...Object.keys(now)])
  return Object.fromEntries([...names].flatMap(name => (old[name] === now[name] ? [] : [[name, now[name] ?? '']])))
}

/** @param {string} place @param {Schema<'Change'>} change @param {Schema<'Change'>[]} changes @returns {PlanDraft} */
function addedTexts(place, { key, after }, changes) {
  const item = /** @type {PlanItem} */ (after)
  const link = changes
    .filter(change => change.kind === 'link' && change.op === 'add')
    .map(change => /** @type {PlanLink} */ (change.after))
    .find(link => link.kind === 'preparation' && link.from.includes(key))
  return {
    ...itemTexts(place, item),
    [`${place}/key`]: key,
    [`${place}/ja`]: item.name.ja,
    [`${place}/en`]: item.name.en,
    [`${place}/stage`]: item.stage,
    [`${place}/measure`]: item.measure,
    [`${place}/unit`]: item.unit,
    [`${place}/to`]: link?.to[0] ?? '',
    [`${place}/lag`]: String(link?.lag_months ?? 0),
  }
}
