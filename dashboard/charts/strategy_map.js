// A scorecard as its strategy map: perspectives as lanes from left to right, the steps of
// each track as a funnel, links between items with the rate planned and reached.

import { fill, h, s } from '../dom.js'
import { figure, rate, score, unitOf } from '../format.js'
import { named, t, word } from '../i18n.js'
import { keepKnown } from '../known_at.js'
import { shape, toneOf } from '../status.js'

/**
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {Schema<'EvaluatedItem'>} Item
 * @typedef {Schema<'Step'>} Step
 * @typedef {{left: number, right: number, top: number, bottom: number, middle: number}} Box
 */

/** @param {number | null | undefined} value @returns {value is number} */
const isGiven = value => value !== null && value !== undefined

/** A conversion that reaches less than this share of its plan is drawn as weak. */
const WEAK_BELOW = 0.8
/** A step with more items than this makes the map a crowded one: denser, and wider where they are. */
const CROWDED_FROM = 9
/** Labels of rates keep this distance from one another. */
const LABEL_HEIGHT = 30

/**
 * @param {Scorecard} card
 * @param {string | null} selected the item whose way to its causes is lit
 */
export function strategyMap(card, selected) {
  const steps = card.perspectives.flatMap(perspective => perspective.steps.map(step => ({ perspective, step })))
  const stages = [...new Set(steps.map(({ step }) => step.stage))]
  const tracks = [...new Set(steps.map(({ step }) => step.track ?? ''))]
  const items = new Map(steps.flatMap(({ step }) => step.items.map(item => [item.key, item])))
  /** @type {Map<string, HTMLElement>} */
  const places = new Map()
  const drawing = s('svg', { class: 'map-links', 'aria-hidden': 'true' })
  const fullest = (/** @type {string} */ stage) =>
    Math.max(...steps.filter(({ step }) => step.stage === stage).map(({ step }) => step.items.length))
  const isCrowded = stages.some(stage => fullest(stage) >= CROWDED_FROM)
  const least = isCrowded ? 92 : 104
  const columns = stages.map(stage => `minmax(${least}px, ${fullest(stage) >= CROWDED_FROM ? 2 : 1}fr)`).join(' ')
  const map = h(
    'div',
    { class: isCrowded ? 'map map-crowded' : 'map', variables: { columns } },
    drawing,
    card.perspectives.map(perspective => laneHead(perspective, stages)),
    stages.map((stage, column) =>
      h(
        'div',
        { class: 'map-stage', variables: { column: column + 1 } },
        stageName(
          steps.map(({ step }) => step),
          stage,
          tracks.length > 1,
        ),
      ),
    ),
    tracks.map((track, row) => [
      tracks.length > 1
        ? h(
            'h3',
            { class: 'map-track', variables: { row: row * 2 + 3 } },
            trackName(
              steps.map(({ step }) => step),
              track,
            ),
          )
        : null,
      ...stages.map((stage, column) => {
        const found = steps.find(({ step }) => step.stage === stage && (step.track ?? '') === track)?.step
        return (
          found &&
          h(
            'div',
            { class: 'map-step', variables: { row: row * 2 + 4, column: column + 1 } },
            h('p', { class: 'map-step-name' }, named(found.name)),
            found.items.map(item => {
              const place = itemCard(card, item)
              places.set(item.key, place)
              return place
            }),
          )
        )
      }),
    ]),
  )
  const light = (/** @type {string | null} */ key) => {
    const way = key ? wayOf(items.get(key)) : null
    map.classList.toggle('map-lit', way !== null)
    for (const [name, place] of places) place.classList.toggle('lit', way?.has(name) ?? false)
    drawLinks(drawing, map, card.links ?? [], items, places, way)
  }
  for (const [key, place] of places) {
    const hover = () => items.get(key)?.cause && light(key)
    place.addEventListener('pointerenter', hover)
    place.addEventListener('focus', hover)
    place.addEventListener('pointerleave', () => light(selected))
    place.addEventListener('blur', () => light(selected))
  }
  const observer = new ResizeObserver(() => (map.isConnected ? light(selected) : observer.disconnect()))
  observer.observe(map)
  return map
}

/** @param {Schema<'Perspective'>} perspective @param {string[]} stages */
function laneHead(perspective, stages) {
  const columns = perspective.steps.map(step => stages.indexOf(step.stage) + 1)
  if (columns.length === 0) return null
  return h(
    'div',
    {
      class: `map-lane lane-${perspective.key}`,
      variables: { from: Math.min(...columns), to: Math.max(...columns) + 1 },
    },
    h('strong', null, named(perspective.name)),
    h('span', null, t('map.score', { score: score(perspective.score) })),
  )
}

/** The heading of a stage. @param {Step[]} steps @param {string} stage @param {boolean} hasTracks */
function stageName(steps, stage, hasTracks) {
  const step = steps.find(step => step.stage === stage)
  const name = named(step?.name)
  // With tracks, a step is called by its stage, and by its track in brackets.
  return hasTracks ? name.replace(/\s*（.*）$|\s*\(.*\)$/, '') : name
}

/** @param {Step[]} steps @param {string} track */
function trackName(steps, track) {
  const name = named(steps.find(step => (step.track ?? '') === track)?.name)
  const bracket = name.search(/[（(]/)
  return bracket >= 0 ? name.slice(bracket + 1, -1) : name
}

/** @param {Scorecard} card @param {Item} item */
function itemCard(card, item) {
  const tone = toneOf(item.status, item.flag)
  return h(
    'a',
    {
      class: `item tone-edge-${tone}`,
      href: keepKnown(`/scorecards/${card.id}/items/${item.key}?month=${card.month}`),
      'data-focus': `item-${item.key}`,
    },
    h('span', { class: `status tone-${tone}` }, shape(item.status), word('status.short', item.status)),
    item.high_hurdle && h('span', { class: 'chip chip-hurdle', title: t('map.high_hurdle') }, t('map.hurdle')),
    h('span', { class: 'item-name' }, named(item.name)),
    h('span', { class: 'item-figures' }, figures(item)),
    isGiven(item.attainment) && h('span', { class: 'meter', variables: { share: Math.min(item.attainment, 1) } }),
  )
}

/** @param {Item} item */
function figures(item) {
  const actual = figure(item.actual, item.unit, item.measure)
  if (item.measure === 'milestone' && item.actual === item.plan) return actual
  if (!isGiven(item.target))
    return `${actual} ${item.unit === 'JPY' || item.measure === 'milestone' ? '' : unitOf(item.unit)}`
  return t('map.figures', { actual, plan: figure(item.plan, item.unit, item.measure) })
}

/** The items on the way from a short item back to its causes. @param {Item | undefined} item */
function wayOf(item) {
  if (!item?.cause) return null
  return new Set([item.key, ...item.cause.root_causes.flatMap(root => root.path)])
}

/**
 * @param {SVGSVGElement} drawing
 * @param {HTMLElement} map
 * @param {Schema<'LinkAnalysis'>[]} links
 * @param {Map<string, Item>} items
 * @param {Map<string, HTMLElement>} places
 * @param {Set<string> | null} way
 */
function drawLinks(drawing, map, links, items, places, way) {
  const origin = map.getBoundingClientRect()
  // One under another on a narrow page: the cards say it all.
  if (getComputedStyle(drawing).display === 'none') return
  /** @param {string} key @returns {Box | null} */
  const box = key => {
    const place = places.get(key)?.getBoundingClientRect()
    if (!place) return null
    return {
      left: place.left - origin.left,
      right: place.right - origin.left,
      top: place.top - origin.top,
      bottom: place.bottom - origin.top,
      middle: (place.top + place.bottom) / 2 - origin.top,
    }
  }
  drawing.setAttribute('viewBox', `0 0 ${origin.width} ${origin.height}`)
  /** @type {SVGElement[]} */
  const lines = []
  /** @type {{x: number, y: number, link: Schema<'LinkAnalysis'>, isLit: boolean}[]} */
  const labels = []
  for (const link of links) {
    const isWeak = isWeakConversion(link)
    for (const from of link.from) {
      for (const to of link.to) {
        const [a, b] = [box(from), box(to)]
        if (!a || !b) continue
        const isLit = (way?.has(from) && way.has(to)) ?? false
        lines.push(
          s('path', {
            d: curve(a, b),
            class: `link link-${link.kind}${isWeak ? ' link-weak' : ''}${isLit ? ' link-on' : ''}`,
          }),
        )
        lines.push(
          s('path', { d: arrow(a, b), class: `link-arrow${isWeak ? ' link-weak' : ''}${isLit ? ' link-on' : ''}` }),
        )
      }
    }
    if (link.kind === 'conversion' && (isGiven(link.planned_rate) || isGiven(link.actual_rate))) {
      const ends = [...link.from, ...link.to].map(box).filter(end => end !== null)
      const target = box(link.to[0] ?? '')
      if (ends.length > 0 && target) {
        const gap = Math.min(...link.to.flatMap(key => box(key)?.left ?? []))
        const before = Math.max(...link.from.flatMap(key => box(key)?.right ?? []).filter(right => right <= gap), 0)
        labels.push({
          x: gap - Math.min((gap - before) / 2, 34),
          y: ends.reduce((sum, end) => sum + end.middle, 0) / ends.length,
          link,
          isLit: link.to.some(key => way?.has(key)) && link.from.some(key => way?.has(key)),
        })
      }
    }
  }
  fill(
    drawing,
    lines,
    spread(labels).map(label => rateLabel(label, items)),
  )
}

/** @param {Schema<'LinkAnalysis'>} link */
const isWeakConversion = link =>
  link.kind === 'conversion' &&
  isGiven(link.planned_rate) &&
  isGiven(link.actual_rate) &&
  link.actual_rate < link.planned_rate * WEAK_BELOW

/** @param {Box} a @param {Box} b */
function curve(a, b) {
  if (b.left < a.right) {
    const bulge = Math.max(a.right, b.right) + 18
    return `M${a.right} ${a.middle}C${bulge} ${a.middle} ${bulge} ${b.middle} ${b.right + 5} ${b.middle}`
  }
  const half = Math.max((b.left - a.right) / 2, 16)
  return `M${a.right} ${a.middle}C${a.right + half} ${a.middle} ${b.left - half} ${b.middle} ${b.left - 5} ${b.middle}`
}

/** @param {Box} a @param {Box} b */
function arrow(a, b) {
  return b.left < a.right ? `M${b.right} ${b.middle}l7-4v8z` : `M${b.left} ${b.middle}l-7-4v8z`
}

/**
 * Moves labels of one gap apart, so that none covers another.
 * @template {{x: number, y: number}} T @param {T[]} labels @returns {T[]}
 */
function spread(labels) {
  const placed = labels.toSorted((a, b) => a.y - b.y)
  for (const [index, label] of placed.entries()) {
    for (const above of placed.slice(0, index)) {
      if (Math.abs(above.x - label.x) < 60 && label.y - above.y < LABEL_HEIGHT) label.y = above.y + LABEL_HEIGHT
    }
  }
  return placed
}

/**
 * @param {{x: number, y: number, link: Schema<'LinkAnalysis'>, isLit: boolean}} label
 * @param {Map<string, Item>} items
 */
function rateLabel({ x, y, link, isLit }, items) {
  const unit = items.get(link.to[0] ?? '')?.unit
  const isWeak = isWeakConversion(link)
  const [plan, actual] = [
    t('map.rate.plan', { rate: rate(link.planned_rate, unit) }),
    t('map.rate.actual', { rate: rate(link.actual_rate, unit) }),
  ]
  const width = Math.max(widthOf(plan), widthOf(actual) + (isWeak ? 10 : 0)) + 8
  return s(
    'g',
    { class: `rate${isWeak ? ' rate-weak' : ''}${isLit ? ' link-on' : ''}`, transform: `translate(${x} ${y})` },
    s('rect', { x: -width / 2, y: -14, width, height: 28, rx: 4 }),
    s('text', { y: -3, class: 'rate-plan' }, plan),
    s('text', { y: 9, class: 'rate-actual' }, `${isWeak ? '▼' : ''}${actual}`),
  )
}

/** About how wide a label is, in pixels: Japanese letters are twice as wide as others. @param {string} text */
const widthOf = text => [...text].reduce((sum, letter) => sum + (letter > '\u2fff' ? 10 : 5.8), 0)

/** A rate of a link for tables. @param {Schema<'LinkAnalysis'>} link @param {Map<string, Item>} items */
export function rateTexts(link, items) {
  const unit = items.get(link.to[0] ?? '')?.unit
  return [rate(link.planned_rate, unit), rate(link.actual_rate, unit)]
}
