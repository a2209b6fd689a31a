// Types into a workbook as a person would: an XLSX file is a ZIP of XML parts.

import { deflateRawSync, inflateRawSync } from 'node:zlib'

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50

/** The parts of a file, by name. @param {Buffer} file @returns {Map<string, string>} */
export function partsOf(file) {
  const end = file.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  /** @type {Map<string, string>} */
  const parts = new Map()
  let at = file.readUInt32LE(end + 16)
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    const [size, nameLength, extra, comment] = [20, 28, 30, 32].map(offset =>
      offset === 20 ? file.readUInt32LE(at + offset) : file.readUInt16LE(at + offset),
    )
    const name = file.toString('utf8', at + 46, at + 46 + nameLength)
    const local = file.readUInt32LE(at + 42)
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28)
    const content = file.subarray(start, start + size)
    const isDeflated = file.readUInt16LE(at + 10) === 8
    parts.set(name, (isDeflated ? inflateRawSync(content) : content).toString('utf8'))
    at += 46 + nameLength + extra + comment
  }
  return parts
}

/** A file of parts. @param {Map<string, string>} parts */
export function fileOf(parts) {
  const locals = []
  const centrals = []
  let at = 0
  for (const [name, text] of parts) {
    const content = Buffer.from(text)
    const packed = deflateRawSync(content)
    const title = Buffer.from(name)
    // Version, flags, method, time, day, checksum, sizes, lengths: the same in both records.
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt16LE(0x21, 8)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(title.length, 22)
    const local = Buffer.concat([word(LOCAL), common, title, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    centrals.push(Buffer.concat([word(CENTRAL), Buffer.from([20, 0]), common, rest, title]))
    locals.push(local)
    at += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(parts.size, 4)
  end.writeUInt16LE(parts.size, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...locals, directory, word(END), end])
}

/** @param {number} value */
function word(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** @param {Buffer} content */
function crc32(content) {
  let crc = ~0
  for (const byte of content) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

/**
 * Puts a figure into a workbook: into the row of an item, under a heading.
 * @param {Buffer} file @param {string} item its key @param {RegExp} heading @param {number} value
 */
export function typed(file, item, heading, value) {
  const parts = partsOf(file)
  const strings = [...(parts.get('xl/sharedStrings.xml') ?? '').matchAll(/<si>([\s\S]*?)<\/si>/g)].map(([, text]) =>
    text.replace(/<[^>]+>/g, ''),
  )
  for (const [name, sheet] of parts) {
    if (!/^xl\/worksheets\/sheet\d+\.xml$/.test(name)) continue
    const cells = [...sheet.matchAll(/<c r="([A-Z]+)(\d+)"([^>]*?)(?:\/>|>([\s\S]*?)<\/c>)/g)].map(
      ([whole, column, row, attributes, content = '']) => {
        const raw = /<v>([\s\S]*?)<\/v>/.exec(content)?.[1] ?? content.replace(/<[^>]+>/g, '')
        const text = /t="s"/.test(attributes) ? (strings[Number(raw)] ?? '') : raw
        return { whole, column, row, attributes, text }
      },
    )
    const row = cells.find(cell => cell.text === item)?.row
    const column = cells.find(cell => heading.test(cell.text) && Number(cell.row) < Number(row))?.column
    const cell = cells.find(cell => cell.row === row && cell.column === column)
    if (!row || !column || !cell) continue
    const style = /\ss="\d+"/.exec(cell.attributes)?.[0] ?? ''
    parts.set(name, sheet.replace(cell.whole, `<c r="${column}${row}"${style}><v>${value}</v></c>`))
    return fileOf(parts)
  }
  throw new Error(`no cell of ${item} under ${heading}`)
}
