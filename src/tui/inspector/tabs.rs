//! The tabs Request, Response and Event.

use sha2::{Digest, Sha256};

use crate::event::{Event, Outcome};
use crate::journal::{AttemptDetail, DeliveryDetail};
use crate::present::{clock, escape, figures, fit, outgoing, result};
use crate::wire::key::hex;
use crate::wire::mask::MASK;
use crate::wire::sign::Signed;
use crate::wire::{Dialect, Target};

use super::super::app::App;
use super::super::theme::Tone;
use super::page::Page;
use super::{Inspector, Line};

/// Cells of the names of facts.
const LABEL: usize = 10;

fn faint(text: impl Into<String>) -> Line {
    vec![(text.into(), Tone::Faint)]
}

fn fact(label: &str, text: impl Into<String>) -> Line {
    vec![(fit::left(label, LABEL), Tone::Faint), (text.into(), Tone::Plain)]
}

/// What the chosen attempt sent; before the first, what would be sent now.
pub fn request(app: &App, inspector: &Inspector, detail: &DeliveryDetail, page: &mut Page) {
    let Some(attempt) = inspector.attempt() else { return coming(app, inspector, detail, page) };
    page.push(title(app, inspector, attempt));
    let target = app.configured(&detail.row.endpoint_id).and_then(|one| one.target.as_ref());
    if attempt.request_headers.is_empty() && attempt.request_body.is_none() {
        page.push(faint("No request was made."));
        return;
    }
    page.push(address(app, detail, target, "  as the file has it now"));
    page.push(Vec::new());
    page.extend(headers(&attempt.request_headers));
    page.push(Vec::new());
    if let Some(target) = target {
        page.extend(signature(target, &attempt.request_headers));
    }
    match &attempt.request_body {
        Some(sent) => body(sent, inspector.raw, page),
        None => page.push(faint("The body is no longer kept.")),
    }
}

/// What would be sent now.
fn coming(app: &App, inspector: &Inspector, detail: &DeliveryDetail, page: &mut Page) {
    page.push(vec![
        ("NOT SENT YET".to_owned(), Tone::Waiting),
        (": this is what would go out now".to_owned(), Tone::Plain),
    ]);
    let rendered = app.config().ok_or_else(|| "there is no good file to render it by".to_owned());
    let rendered = rendered.and_then(|config| Ok((config, outgoing::request(config, detail, app.now)?)));
    let (config, request) = match rendered {
        Ok(rendered) => rendered,
        Err(reason) => return page.push(vec![(reason, Tone::Bad)]),
    };
    let target = app.configured(&detail.row.endpoint_id).and_then(|one| one.target.as_ref());
    page.push(address(app, detail, target, ""));
    page.push(Vec::new());
    let shown = |header: &crate::wire::Header| {
        (header.name.to_string(), config.scrubber.header(&header.name, header.shown()).into_owned())
    };
    let pairs: Vec<(String, String)> = request.headers.iter().map(shown).collect();
    page.extend(headers(&pairs));
    page.push(Vec::new());
    if let Some(target) = target {
        page.extend(signature(target, &pairs));
    }
    body(&config.scrubber.bytes(&request.body), inspector.raw, page);
}

/// What came back to the chosen attempt.
pub fn response(app: &App, inspector: &Inspector, detail: &DeliveryDetail, page: &mut Page) {
    let Some(attempt) = inspector.attempt() else {
        return page
            .push(faint(format!("Nothing has been sent yet; {}.", super::summary::sentence_of(app, &detail.row))));
    };
    page.push(title(app, inspector, attempt));
    page.push(timing(attempt));
    if attempt.row.status.is_none() {
        page.push(faint("There was no answer."));
        return;
    }
    page.push(Vec::new());
    page.extend(headers(&attempt.response_headers));
    page.push(Vec::new());
    match &attempt.response_body {
        Some(came) if !came.is_empty() => {
            page.push(fact("body", figures::counted(length(came), "byte", "bytes") + cut(came)));
            page.push(Vec::new());
            page.body(came, inspector.raw);
        }
        _ => page.push(faint("There was no body.")),
    }
}

/// The event as the journal has it.
pub fn event(event: &Event, origin: Option<&str>, raw: bool, page: &mut Page) {
    if let Some(origin) = origin {
        page.push(vec![
            ("made from ".to_owned(), Tone::Faint),
            (escape::line(origin).into_owned(), Tone::Plain),
            ("  E goes there".to_owned(), Tone::Faint),
        ]);
        page.push(Vec::new());
    }
    match serde_json::to_vec(event) {
        Ok(json) => page.body(&json, raw),
        Err(error) => page.push(faint(escape::line(&error.to_string()).into_owned())),
    }
}

fn title(app: &App, inspector: &Inspector, attempt: &AttemptDetail) -> Line {
    let row = &attempt.row;
    let count = inspector.delivery().map_or(0, |detail| detail.attempts.len());
    let tone = if row.outcome == Outcome::Delivered { Tone::Good } else { Tone::Bad };
    let others = if count > 1 { "    [ ] choose another" } else { "" };
    vec![
        (format!("attempt {} of {count}  ", row.number), Tone::Strong),
        (result::of_attempt(row, app.look.glyphs, usize::MAX), tone),
        (others.to_owned(), Tone::Faint),
    ]
}

/// When, by what, how long, and where the time went.
fn timing(attempt: &AttemptDetail) -> Line {
    let row = &attempt.row;
    let parts = [("name", attempt.resolve_us), ("first byte after", attempt.first_byte_us), ("whole", row.duration_us)];
    let parts: Vec<String> =
        parts.into_iter().filter_map(|(what, us)| us.map(|us| format!("{what} {}", figures::took(us)))).collect();
    let from = attempt.remote.as_deref().map_or_else(String::new, |remote| format!("   from {}", escape::line(remote)));
    faint(format!("{}   {}   {}{from}", clock::rfc3339(row.started_at), row.trigger, parts.join(", ")))
}

/// Method and URL without what is secret of it.
fn address(app: &App, detail: &DeliveryDetail, target: Option<&Target>, remark: &str) -> Line {
    if let Some(target) = target {
        let text = format!("{} {}", target.method, escape::line(&target.url.masked()));
        return vec![(text, Tone::Plain), (remark.to_owned(), Tone::Faint)];
    }
    let host =
        app.endpoint(detail.row.endpoint_key).map_or_else(String::new, |one| escape::line(&one.host).into_owned());
    vec![(host, Tone::Plain), ("  it is not in the file now".to_owned(), Tone::Faint)]
}

/// Which scheme signs what: the bytes before the body, then the body below.
fn signature(target: &Target, headers: &[(String, String)]) -> Vec<Line> {
    let dialect: &Dialect = target.dialect;
    let value = |name: Option<&str>| {
        let name = name?;
        headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    };
    let scheme = dialect.signature;
    if value(Some(scheme.header)).is_none() {
        return vec![fact("signed", "no: there is no secret")];
    }
    let algorithm = target.keys.first().map_or("signature", crate::wire::Key::algorithm);
    let mut lines =
        vec![fact("signed", format!("{algorithm} over `{}`, in {}", scheme.signed.formula(), scheme.header))];
    let time = value(dialect.timestamp_header).unwrap_or_default();
    let before = match scheme.signed {
        Signed::Body => return lines,
        Signed::TimestampBody => format!("{time}."),
        Signed::IdTimestampBody => format!("{}.{time}.", value(dialect.id_header).unwrap_or_default()),
    };
    lines.push(vec![
        (fit::left("", LABEL), Tone::Faint),
        (escape::line(&before).into_owned(), Tone::Plain),
        (" and then the body".to_owned(), Tone::Faint),
    ]);
    lines
}

/// How long the body is, its hash, and the body.
fn body(sent: &[u8], raw: bool, page: &mut Page) {
    page.push(fact("body", figures::counted(length(sent), "byte", "bytes")));
    if sent.windows(MASK.len()).any(|part| part == MASK.as_bytes()) {
        page.push(vec![
            (fit::left("", LABEL), Tone::Faint),
            (format!("{MASK} stands for a secret: these are not the very bytes"), Tone::Waiting),
        ]);
    } else {
        page.push(fact("SHA-256", hex(&Sha256::digest(sent))));
    }
    if !sent.is_empty() {
        page.push(Vec::new());
        page.body(sent, raw);
    }
}

fn length(body: &[u8]) -> u64 {
    u64::try_from(body.len()).unwrap_or(u64::MAX)
}

/// Of an answer 4 KiB are kept.
const fn cut(body: &[u8]) -> &'static str {
    if body.len() >= 4096 { ", all that is kept of it" } else { "" }
}

fn headers(headers: &[(String, String)]) -> Vec<Line> {
    headers
        .iter()
        .map(|(name, value)| {
            vec![(format!("{}: ", escape::line(name)), Tone::Focus), (escape::line(value).into_owned(), Tone::Plain)]
        })
        .collect()
}
