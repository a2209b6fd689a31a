//! A workbook as programs read it: its cells by calamine, the rest as XML.

use std::io::{Cursor, Read as _};

use calamine::{Data, Range, Reader as _, Xlsx};

pub struct Workbook {
    cells: Xlsx<Cursor<Vec<u8>>>,
    files: zip::ZipArchive<Cursor<Vec<u8>>>,
}

impl Workbook {
    pub fn of(bytes: &[u8]) -> Self {
        let bytes = bytes.to_vec();
        Self {
            cells: Xlsx::new(Cursor::new(bytes.clone())).unwrap(),
            files: zip::ZipArchive::new(Cursor::new(bytes)).unwrap(),
        }
    }

    pub fn sheets(&self) -> Vec<String> {
        self.cells.sheet_names()
    }

    pub fn sheet(&mut self, name: &str) -> Table {
        Table(self.cells.worksheet_range(name).unwrap())
    }

    /// The text of a file inside.
    pub fn xml(&mut self, path: &str) -> String {
        let mut text = String::new();
        let mut file = self.files.by_name(path).unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    }

    pub fn files(&self) -> Vec<String> {
        self.files
            .file_names()
            .map(|name| name.unwrap().into_owned())
            .collect()
    }

    /// What a row is high, in points; nothing where that is left to the reader.
    pub fn height(&mut self, sheet: usize, row: usize) -> Option<f64> {
        let xml = self.xml(&format!("xl/worksheets/sheet{sheet}.xml"));
        let row = between(&xml, &format!("<row r=\"{}\"", row + 1), ">");
        let (_, height) = row.split_once(" ht=\"")?;
        height.split('"').next()?.parse().ok()
    }

    /// What is printed of a sheet, or on each of its pages: `Print_Area`, `Print_Titles`.
    pub fn printed(&mut self, name: &str, sheet: &str) -> String {
        let book = self.xml("xl/workbook.xml");
        let names = book.split("<definedName ").skip(1);
        let found = names
            .filter(|each| each.contains(&format!("_xlnm.{name}\"")))
            .map(|each| between(each, ">", "<"))
            .find_map(|range| range.strip_prefix(&format!("{sheet}!")));
        found.unwrap().to_owned()
    }

    /// Places of a sheet's cells that can be written over.
    pub fn unlocked(&mut self, sheet: usize) -> Vec<String> {
        let styles = self.xml("xl/styles.xml");
        let formats = between(&styles, "<cellXfs", "</cellXfs>");
        let formats: Vec<bool> = formats
            .split("<xf ")
            .skip(1)
            .map(|format| format.contains("locked=\"0\""))
            .collect();
        let xml = self.xml(&format!("xl/worksheets/sheet{sheet}.xml"));
        let cells = xml.split("<c r=\"").skip(1);
        cells
            .filter_map(|cell| {
                let (place, rest) = cell.split_once('"').unwrap();
                let (tag, _) = rest.split_once('>').unwrap();
                let style = tag.split_once(" s=\"")?.1.split_once('"')?.0;
                formats[style.parse::<usize>().unwrap()].then(|| place.to_owned())
            })
            .collect()
    }
}

/// What stands between two texts.
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

pub struct Table(Range<Data>);

impl Table {
    /// The text or figure of a cell, from 0; nothing for a blank one.
    pub fn at(&self, row: usize, column: usize) -> String {
        let place = (u32::try_from(row).unwrap(), u32::try_from(column).unwrap());
        self.0.get_value(place).map_or_else(String::new, shown)
    }

    pub fn row(&self, row: usize) -> Vec<String> {
        let last = self.0.end().unwrap().1;
        let columns = 0..=usize::try_from(last).unwrap();
        columns.map(|column| self.at(row, column)).collect()
    }

    /// The first row with this text in a column.
    pub fn row_of(&self, column: usize, text: &str) -> usize {
        let last = usize::try_from(self.0.end().unwrap().0).unwrap();
        (0..=last)
            .find(|row| self.at(*row, column) == text)
            .unwrap_or_else(|| panic!("no {text} in column {column}"))
    }

    pub fn last_row(&self) -> usize {
        usize::try_from(self.0.end().unwrap().0).unwrap()
    }
}

fn shown(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::Float(figure) => figure.to_string(),
        other => panic!("{other:?}"),
    }
}
