// The fields of a revision: one fold an item, links, thresholds, and what is added.

import { fill, h } from './dom.js'
import { addMonths, figure, monthLong, monthsBetween, monthShort, unitOf } from './format.js'
import { named, t, word } from './i18n.js'
import { choice, field } from './parts.js'
import {
  amount,
  barText,
  calendar,
  isPercent,
  linkName,
  namesOf,
  parameterText,
  SETTINGS,
  settingText,
  yearText,
} from './plan.js'
import { addedNumbers, readFigure, targetField, textsOf } from './plan_draft.js'

/**
 * @typedef {import('./plan.js').PlanItem} PlanItem
 * @typedef {import('./plan_draft.js').PlanDraft} PlanDraft
 * @typedef {object} Given
 * @property {Schema<'EvaluatedScorecard'>} card
 * @property {import('./plan.js').Plan} plan
 * @property {PlanDraft} draft
 * @property {string} effective first month of the revision
 * @property {Set<string> | undefined} open folds that stand open
 * @property {() => void} keep called after every change of the draft
 * @property {() => void} redraw draws all fields anew
 */

/** A template's three years, and the years that own plans may have. */
const MONTHS = { template: 36, own: 120 }
const YEARS_MAX = 10
const YEARS_SHOWN = 3
const MONTHS_OF_YEAR = 12
const NAME_CHARS_MAX = 200
/** A new preparation is given so many months, unless another end is chosen. */
const NEW_MONTHS = 3
/** What a new item is counted in. */
const UNITS = ['cases', 'companies', 'organisations', 'people', 'sessions', 'visits', 'meetings', 'posts', 'times']

export class PlanFields {
  /** @param {Given} given */
  constructor(given) {
    this.given = given
    this.open = given.open ?? new Set()
    this.texts = textsOf(given.plan)
    this.start = given.card.start_month
    this.names = namesOf(given.plan)
    this.horizon = MONTHS[given.card.template ? 'template' : 'own']
    this.first = monthsBetween(this.start, given.effective) + 1
  }

  sections() {
    // Who comes from an alert comes to plan new preparation.
    const first = this.given.draft.alert ? [this.#added(), this.#items()] : [this.#items(), this.#added()]
    return [...first, this.#links(), this.#parameters(), this.#settings()]
  }

  /** @param {string} place */
  #text(place) {
    return this.given.draft[place] ?? this.texts[place] ?? ''
  }

  /** @param {string} place @param {string} text */
  #type(place, text) {
    this.given.draft[place] = text
    this.given.keep()
  }

  /** @param {string} prefix */
  #isTyped(prefix) {
    return Object.keys(this.given.draft).some(place => place === prefix || place.startsWith(`${prefix}/`))
  }

  /**
   * A fold that says whether something in it is changed.
   * @param {string} place @param {import('./dom.js').Children} summary @param {() => import('./dom.js').Children} content
   */
  #fold(place, summary, content) {
    const chip = h('span', { class: 'chip chip-change' }, t('propose.changed'))
    const body = h('div', { class: 'fold-body' })
    const show = () => {
      chip.hidden = !this.#isTyped(place)
      element.classList.toggle('typed', !chip.hidden)
    }
    const element = h(
      'details',
      {
        class: 'fold',
        open: this.open.has(place) || this.#isTyped(place),
        ontoggle: () => {
          if (element.open) this.open.add(place)
          else this.open.delete(place)
        },
        oninput: show,
        onchange: show,
      },
      h('summary', { 'data-focus': place }, summary, chip),
      body,
    )
    fill(body, content())
    show()
    return element
  }

  /** @param {string} place @param {HTMLInputElement | HTMLSelectElement} input */
  #placed(place, input) {
    input.name = place
    input.id = `f-${place}`
    return input
  }

  /**
   * A figure, with what it says in the words of the plan behind it.
   * @param {string} place @param {string} label @param {import('./plan.js').Measured} of @param {string} [hint] @param {boolean} [required]
   */
  #figure(place, label, of, hint, required = false) {
    const echo = h('span', { class: 'echo quiet', 'aria-live': 'polite' })
    const say = () => {
      const value = readFigure(input.value, of)
      fill(echo, of.unit === 'JPY' && value ? `＝ ${figure(value, of.unit)}` : '')
    }
    const input = h('input', {
      type: 'text',
      inputMode: of.unit === 'JPY' ? 'text' : 'decimal',
      autocomplete: 'off',
      required,
      value: this.#text(place),
      oninput: () => {
        this.#type(place, input.value)
        say()
      },
    })
    this.#placed(place, input)
    say()
    const unit = isPercent(of) ? '%' : unitOf(of.unit)
    const element = field(unit ? t('propose.with_unit', { label, unit }) : label, input, hint)
    element.classList.add('field-short')
    element.append(echo)
    return element
  }

  /** @param {string} place @param {string} label @param {[string, string][]} options @param {boolean} [redraws] */
  #choice(place, label, options, redraws = false) {
    const value = this.#text(place)
    const select = choice(place, options, value, text => {
      this.#type(place, text)
      if (redraws) this.given.redraw()
    })
    return field(label, this.#placed(place, select))
  }

  /** @param {string} place @param {string} label @param {() => void} [then] */
  #switch(place, label, then) {
    const input = h('input', {
      type: 'checkbox',
      checked: this.#text(place) === 'yes',
      onchange: () => {
        this.#type(place, input.checked ? 'yes' : 'no')
        then?.()
      },
    })
    this.#placed(place, input)
    return h(
      'div',
      { class: 'field field-switch' },
      h('label', { htmlFor: input.id }, input, ' ', label),
      h('p', { class: 'field-error', id: `${input.id}-error` }),
    )
  }

  #items() {
    const { plan } = this.given
    return h(
      'section',
      { class: 'panel' },
      h('h3', null, t('propose.items')),
      h('p', { class: 'quiet' }, t('propose.items.hint')),
      plan.stages.map(stage => {
        const items = plan.items.filter(item => item.stage === stage.stage)
        return (
          items.length > 0 &&
          h(
            'div',
            { class: 'folds' },
            h('h4', null, named(stage.name)),
            items.map(item => this.#item(item)),
          )
        )
      }),
    )
  }

  /** @param {PlanItem} item */
  #item(item) {
    const place = `item/${item.key}`
    return this.#fold(
      place,
      [
        h('span', { class: 'fold-name' }, named(item.name)),
        item.high_hurdle && h('span', { class: 'chip chip-hurdle' }, t('map.hurdle')),
        h('span', { class: 'quiet' }, this.#brief(item)),
      ],
      () => {
        const rest = h(
          'div',
          { class: 'fields' },
          this.#targets(place, item),
          item.bar && this.#bar(place),
          item.measure === 'flow' && this.#phasing(place),
          this.#switch(`${place}/hurdle`, t('plan.hurdle.yes')),
        )
        const retire = () => rest.toggleAttribute('hidden', this.#text(`${place}/retire`) === 'yes')
        retire()
        return [rest, this.#switch(`${place}/retire`, t('propose.retire'), retire)]
      },
    )
  }

  /** What is planned, in one line. @param {PlanItem} item */
  #brief(item) {
    if (item.bar) {
      const target = item.measure === 'milestone' ? '' : `${amount(item.targets[0]?.value, item)} `
      return target + barText(item.bar, this.start)
    }
    const year = Math.ceil(this.first / MONTHS_OF_YEAR)
    const target = item.targets.filter(target => (target.year ?? 0) <= Math.max(year, YEARS_SHOWN)).at(-1)
    if (!target?.year) return word('status', 'untargeted')
    return t('propose.brief', { year: yearText(target.year, this.start), target: amount(target.value, item) })
  }

  /** @param {string} place @param {Pick<PlanItem, 'measure' | 'unit' | 'targets'>} item */
  #targets(place, item) {
    if (item.measure === 'milestone') return null
    if (item.measure === 'cumulative') return this.#figure(`${place}/target`, t('item.target'), item, undefined, true)
    const now = Math.ceil(this.first / MONTHS_OF_YEAR)
    const last = Math.min(Math.max(YEARS_SHOWN, now + 1, ...item.targets.map(({ year }) => year ?? 0)), YEARS_MAX)
    return Array.from({ length: Math.max(last - now + 1, 1) }, (_, index) => now + index).map(year => {
      const isComputed = item.targets.some(target => target.year === year && target.formula)
      const isFollowing = item.targets.some(target => (target.year ?? 0) < year)
      const hint = isComputed ? t('propose.computed') : isFollowing ? t('propose.follows') : undefined
      return this.#figure(
        `${place}/${targetField(year)}`,
        t('plan.target_of', { year: yearText(year, this.start) }),
        item,
        hint,
      )
    })
  }

  /** @param {string} place */
  #bar(place) {
    const months = Array.from({ length: this.horizon }, (_, index) => index + 1)
    /** @type {[string, string][]} */
    const options = months.map(at => [
      String(at),
      t('propose.month', { month: monthLong(calendar(at, this.start)), at }),
    ])
    return [
      this.#choice(`${place}/start`, t('plan.start'), options),
      this.#choice(`${place}/due`, t('plan.due'), options),
    ]
  }

  /** @param {string} place */
  #phasing(place) {
    const parts = h('div', { class: 'fields' })
    const show = () => fill(parts, this.#phasingParts(place))
    /** @type {[string, string][]} */
    const kinds = ['even', 'sessions', 'weights'].map(kind => [kind, word('plan.phasing.kind', kind)])
    const select = choice(`${place}/phasing`, kinds, this.#text(`${place}/phasing`) || 'even', kind => {
      this.#type(`${place}/phasing`, kind)
      show()
    })
    show()
    return [field(t('plan.phasing'), this.#placed(`${place}/phasing`, select), t('propose.phasing.hint')), parts]
  }

  /** @param {string} place */
  #phasingParts(place) {
    const kind = this.#text(`${place}/phasing`) || 'even'
    const months = Array.from({ length: MONTHS_OF_YEAR }, (_, index) => monthShort(addMonths(this.start, index)))
    if (kind === 'sessions') return this.#figure(`${place}/sessions`, t('plan.sessions'), { unit: '' }, undefined, true)
    if (kind === 'even') {
      /** @type {[string, string][]} */
      const options = months.map((month, index) => [String(index + 1), month])
      return this.#choice(`${place}/first_month`, t('plan.first_month'), options)
    }
    return h(
      'fieldset',
      { class: 'weights' },
      h('legend', null, t('plan.weights')),
      months.map((month, index) => this.#figure(`${place}/weight.${index}`, month, { unit: '' }, undefined, true)),
    )
  }

  #added() {
    const { draft, keep, redraw } = this.given
    const numbers = addedNumbers(draft)
    const add = () => {
      const number = (numbers.at(-1) ?? 0) + 1
      Object.assign(draft, this.#blank(number))
      keep()
      redraw()
      document.getElementById(`f-new/${number}/ja`)?.focus()
    }
    return h(
      'section',
      { class: 'panel' },
      h('h3', null, t('propose.added')),
      h('p', { class: 'quiet' }, t('propose.added.hint')),
      numbers.map(number => this.#new(number)),
      h('div', { class: 'actions' }, h('button', { type: 'button', id: 'add-item', onclick: add }, t('propose.add'))),
    )
  }

  /** A new preparation, for what the alert is about. @param {number} number @returns {PlanDraft} */
  #blank(number) {
    const { card, draft, effective, plan } = this.given
    const start = Math.min(Math.max(this.first, 1), this.horizon)
    const alert = (card.alerts ?? []).find(alert => alert.id === draft.alert)
    const to = plan.items.some(item => item.key === alert?.item) ? (alert?.item ?? '') : ''
    const given = {
      ja: '',
      en: '',
      key: this.#freeKey(`step-${effective}`),
      stage: 'setup',
      measure: 'milestone',
      unit: 'cases',
      start: String(start),
      due: String(Math.min(start + NEW_MONTHS - 1, this.horizon)),
      target: '',
      phasing: 'even',
      first_month: '1',
      hurdle: 'no',
      to,
      lag: '0',
    }
    return Object.fromEntries(Object.entries(given).map(([name, text]) => [`new/${number}/${name}`, text]))
  }

  /** @param {string} base */
  #freeKey(base) {
    const typed = addedNumbers(this.given.draft).map(number => this.given.draft[`new/${number}/key`])
    const taken = new Set([...this.given.plan.items.map(item => item.key), ...typed])
    let number = 1
    while (taken.has(`${base}-${number}`)) number++
    return `${base}-${number}`
  }

  /** @param {number} number */
  #new(number) {
    const place = `new/${number}`
    const measure = this.#text(`${place}/measure`)
    const unit = this.#text(`${place}/unit`)
    const words = (/** @type {string} */ group, /** @type {string[]} */ codes) =>
      codes.map(code => /** @type {[string, string]} */ ([code, word(group, code)]))
    /** @type {[string, string][]} */
    const aims = this.given.plan.items.map(item => [item.key, named(item.name)])
    return h(
      'fieldset',
      { class: 'fold-body new-item' },
      h('legend', null, t('propose.new', { number })),
      h(
        'div',
        { class: 'fields' },
        this.#line(`${place}/ja`, t('propose.name'), t('propose.name.hint')),
        this.#choice(`${place}/to`, t('propose.to'), [['', t('propose.to.choose')], ...aims]),
        this.#choice(`${place}/stage`, t('item.step'), words('propose.stage', ['study', 'setup'])),
        this.#choice(
          `${place}/measure`,
          t('item.measure'),
          words('propose.measure', ['milestone', 'cumulative', 'flow']),
          true,
        ),
        measure !== 'milestone' &&
          this.#choice(
            `${place}/unit`,
            t('item.unit'),
            UNITS.map(unit => [unit, unitOf(unit)]),
            true,
          ),
        this.#targets(place, { measure, unit, targets: [] }),
        measure === 'flow' ? this.#phasing(place) : this.#bar(place),
        this.#switch(`${place}/hurdle`, t('plan.hurdle.yes')),
      ),
      h(
        'details',
        null,
        h('summary', { 'data-focus': `${place}/more` }, t('propose.more')),
        h(
          'div',
          { class: 'fields' },
          this.#lag(`${place}/lag`, t('plan.lag')),
          this.#line(`${place}/key`, t('propose.key'), t('propose.key.hint')),
          this.#line(`${place}/en`, t('propose.name.en'), t('propose.name.en.hint'), false),
        ),
      ),
      h(
        'div',
        { class: 'actions' },
        h(
          'button',
          {
            type: 'button',
            class: 'plain',
            onclick: () => {
              for (const name of Object.keys(this.given.draft)) {
                if (name.startsWith(`${place}/`)) delete this.given.draft[name]
              }
              this.given.keep()
              this.given.redraw()
              document.getElementById('add-item')?.focus()
            },
          },
          t('propose.remove'),
        ),
      ),
    )
  }

  /** @param {string} place @param {string} label @param {string} hint @param {boolean} [required] */
  #line(place, label, hint, required = true) {
    const input = h('input', {
      type: 'text',
      required,
      autocomplete: 'off',
      maxLength: NAME_CHARS_MAX,
      value: this.#text(place),
      oninput: () => this.#type(place, input.value),
    })
    return field(label, this.#placed(place, input), hint)
  }

  /** @param {string} place @param {string} label */
  #lag(place, label) {
    return this.#figure(place, label, { unit: '' }, t('propose.lag.hint'), true)
  }

  #links() {
    const { plan } = this.given
    if (plan.links.length === 0) return null
    return this.#section('link', t('propose.links'), t('propose.links.hint'), () =>
      plan.links.map((link, index) =>
        this.#lag(`link/${plan.link_keys[index]}`, `${linkName(link, this.names)}（${word('link.kind', link.kind)}）`),
      ),
    )
  }

  #parameters() {
    const { plan } = this.given
    if (plan.parameter_definitions.length === 0) return null
    return this.#section('parameter', t('propose.parameters'), t('propose.parameters.hint'), () =>
      plan.parameter_definitions.map(({ key, name, unit }) =>
        this.#figure(
          `parameter/${key}`,
          named(name),
          { unit },
          t('propose.now', {
            value: parameterText(plan.parameters[key], unit),
          }),
        ),
      ),
    )
  }

  #settings() {
    const { plan } = this.given
    return this.#section('setting', t('propose.settings'), t('propose.settings.hint'), () =>
      Object.entries(SETTINGS).map(([key, kind]) => {
        const [place, label] = [`setting/${key}`, word('setting', key)]
        if (kind === 'switch') return this.#switch(place, label)
        const now = t('propose.now', { value: settingText(key, Reflect.get(plan.settings, key)) })
        return this.#figure(place, label, { unit: kind === 'share' ? 'share' : '' }, now, true)
      }),
    )
  }

  /** What few people change stands folded. @param {string} place @param {string} name @param {string} hint @param {() => import('./dom.js').Children} content */
  #section(place, name, hint, content) {
    const fold = this.#fold(place, h('h3', { class: 'fold-name' }, name), () => [
      h('p', { class: 'quiet' }, hint),
      h('div', { class: 'fields' }, content()),
    ])
    fold.classList.add('panel')
    return fold
  }
}
