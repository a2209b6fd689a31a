//! How sheets are printed: A4 across, with the hub, the month and page numbers.

use rust_xlsxwriter::Worksheet;

use crate::domain::export::About;

/// What Excel calls A4.
const A4: u8 = 9;
/// Characters of a header at most, as Excel takes them.
const HEADER_CHARS_MAX: usize = 255;

/// Sets a sheet up for A4 across, as wide as the page.
pub fn set_up(sheet: &mut Worksheet, about: &About, subject: &str) {
    sheet
        .set_paper_size(A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3)
        .set_header(header(about, subject))
        .set_footer("&L&A&C&P / &N&R標（しるべ）");
}

/// Hub and scorecard on the left, the subject on the right.
fn header(about: &About, subject: &str) -> String {
    let text = |text: &str| text.replace('&', "&&");
    let whole = format!(
        "&L{}　{}&R{}",
        text(&about.hub_name.ja),
        text(&about.name.ja),
        text(subject)
    );
    if whole.chars().count() > HEADER_CHARS_MAX {
        format!("&R{}", text(subject))
    } else {
        whole
    }
}
