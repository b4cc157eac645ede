//! The HTML page in a real browser: headless Chromium, driven through chromedriver.
//!
//! Where there is no chromedriver the tests say so and pass; `.ci/run browser` installs it, and sets
//! PERSONACTL_NEED_BROWSER, with which a missing browser is a failure.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod report_support;

#[path = "report_support/webdriver.rs"]
mod webdriver;

use personactl::plan::Plan;
use personactl::report::{Mood, html};
use report_support::{case, plan_of, prompt_change};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use webdriver::Browser;

/// A browser, or none where there is none to be had.
fn browser(width: u32, dark: bool) -> Option<Browser> {
    started(Browser::start(width, dark, true))
}

fn started(browser: Result<Browser, webdriver::Missing>) -> Option<Browser> {
    match browser {
        Ok(browser) => Some(browser),
        Err(missing) if std::env::var_os("PERSONACTL_NEED_BROWSER").is_some() => {
            panic!("no browser: {missing}")
        }
        Err(missing) => {
            // Past the test harness, which keeps what a passing test prints to itself.
            let what = "SKIPPED a test of the HTML page: no browser";
            let _ = writeln!(
                std::io::stderr(),
                "{what} ({missing}); install chromium and chromium-driver to run it"
            );
            None
        }
    }
}

fn page(name: &str, plan: &Plan, mood: Mood) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join(format!("{name}.html"));
    let mut out = Vec::new();
    html::write(plan, mood, &mut out).unwrap();
    std::fs::write(&file, out).unwrap();
    let url = format!("file://{}", file.display());
    (folder, url)
}

/// Loads a page; it must load without a word on the console.
fn load(browser: &Browser, name: &str, plan: &Plan, mood: Mood) -> tempfile::TempDir {
    let (folder, url) = page(name, plan, mood);
    browser.open(&url);
    assert_eq!(browser.console(), Vec::<String>::new());
    picture(browser, name);
    folder
}

/// Keeps pictures where PERSONACTL_PICTURES says, for looking at.
fn picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("PERSONACTL_PICTURES") {
        std::fs::write(PathBuf::from(folder).join(format!("{name}.png.base64")), browser.screenshot())
            .unwrap();
    }
}

const SHOWN: &str = "return [...document.querySelectorAll('.persona')].filter(p => !p.hidden).map(p => p.querySelector('h2').textContent)";

#[test]
fn the_page_loads_and_its_filters_and_toggles_work() {
    let Some(browser) = browser(1200, false) else { return };
    let case = case("three_origins");
    let _folder = load(&browser, "origins", &case.plan, case.mood);
    assert_eq!(
        browser.run(SHOWN),
        json!(["Support Agent", "Intake Nurse", "Host", "Newcomer", "Old Persona"])
    );
    assert_eq!(browser.run("return document.querySelector('.status').textContent"), "5 of 5 personas shown");

    // By name, file and id.
    browser.keys("#search", "HEALTH/intake");
    assert_eq!(browser.run(SHOWN), json!(["Intake Nurse"]));
    assert_eq!(browser.run("return document.querySelector('.status').textContent"), "1 of 5 personas shown");
    browser.run(
        "const s = document.querySelector('#search'); s.value = ''; s.dispatchEvent(new Event('input'))",
    );

    // By origin: the persona and, in it, the changes of that origin alone.
    for other in ["yours", "conflict"] {
        browser.run(&format!("document.querySelector('input[value={other}]').click()"));
    }
    assert_eq!(browser.run(SHOWN), json!(["Support Agent"]));
    let visible = "return [...document.querySelectorAll('.persona:not([hidden]) .change')].filter(c => c.offsetParent).map(c => c.dataset.origin)";
    assert_eq!(browser.run(visible), json!(["drift"]));
    for other in ["yours", "conflict"] {
        browser.run(&format!("document.querySelector('input[value={other}]').click()"));
    }

    // By what is done.
    browser.run("document.querySelector('input[value=update]').click()");
    assert_eq!(browser.run(SHOWN), json!(["Intake Nurse", "Newcomer", "Old Persona"]));
    browser.run("document.querySelector('input[value=update]').click()");

    // The patch is behind its toggle.
    let patch = "const p = document.querySelector('.patch pre'); return [p.checkVisibility({contentVisibilityAuto: false}), p.textContent.includes('\"op\":\"replace\",\"path\":\"/greeting\"')]";
    assert_eq!(browser.run(patch), json!([false, true]));
    browser.run("document.querySelector('.patch > summary').click()");
    assert_eq!(browser.run(patch), json!([true, true]));

    // Close and open all.
    browser.run("document.querySelector('#close').click()");
    let open = "return document.querySelectorAll('.persona > details[open]').length";
    assert_eq!(browser.run(open), 0);
    browser.run("document.querySelector('#open').click()");
    assert_eq!(browser.run(open), 5);
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
fn texts_stand_side_by_side_or_inline_and_unfold() {
    let Some(browser) = browser(1200, false) else { return };
    let case = case("prompt_and_tools");
    let _folder = load(&browser, "prompt", &case.plan, case.mood);
    let inline = browser.run("return document.querySelector('.part').textContent");
    assert!(inline.as_str().unwrap().contains("about 3040 minutes"), "{inline}");
    // What is left out within a line stands in that line, and unfolds there.
    let elided = "const mark = document.querySelector('.elided'); const range = document.createRange(); range.setStart(mark.nextSibling, 0); range.setEnd(mark.nextSibling, 1); const at = r => r.getBoundingClientRect(); return [at(mark).left < at(range).left, Math.abs(at(mark).top - at(range).top) < 8, mark.innerText.includes('short introduction')]";
    assert_eq!(browser.run(elided), json!([true, true, false]));
    browser.run("document.querySelector('.elided > summary').click()");
    assert_eq!(
        browser.run("return document.querySelector('.elided').innerText.includes('short introduction')"),
        true
    );
    browser.run("document.querySelector('input[value=side]').click()");
    let sides = browser.run(
        "const row = document.querySelector('.part-sides'); return [...row.children].map(side => [side.getAttribute('aria-label'), side.textContent, side.querySelectorAll('del').length > 0, side.querySelectorAll('ins').length > 0])",
    );
    assert_eq!((&sides[0][0], &sides[1][0]), (&"live now".into(), &"after apply".into()));
    assert!(sides[0][1].as_str().unwrap().contains("about 30 minutes"), "{sides}");
    assert!(sides[1][1].as_str().unwrap().contains("about 40 minutes"), "{sides}");
    assert_eq!(
        (&sides[0][2], &sides[0][3], &sides[1][2], &sides[1][3]),
        (&true.into(), &false.into(), &false.into(), &true.into())
    );
    let seen = "return [document.querySelector('.part').checkVisibility(), document.querySelector('.part-sides').checkVisibility()]";
    assert_eq!(browser.run(seen), json!([false, true]));
    picture(&browser, "sides");
    browser.run("document.querySelector('input[value=inline]').click()");
    assert_eq!(browser.run(seen), json!([true, false]));
    // What is folded is there.
    let folded = "return document.querySelector('.fold .text').textContent";
    assert!(browser.run(folded).as_str().unwrap().contains("You are a technical interviewer."));
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
fn hostile_text_stays_text_and_nothing_is_fetched() {
    let Some(browser) = browser(1200, false) else { return };
    let case = case("hostile_text");
    let _folder = load(&browser, "hostile", &case.plan, case.mood);
    browser.run("document.querySelector('#open').click()");
    let made = browser.run(
        "return [window.pwned === undefined, document.images.length, document.scripts.length, document.styleSheets.length, document.links.length, document.querySelectorAll('h1').length, document.querySelectorAll('iframe, object, embed, link, form, [style], [onerror], [onclick]').length, performance.getEntriesByType('resource').length]",
    );
    assert_eq!(made, json!([true, 0, 1, 1, 1, 1, 0, 0]));
    let text = browser.run("return document.body.textContent");
    let text = text.as_str().unwrap();
    for hostile in [
        "<img src=https://evil.example/x.png onerror=alert(1)>",
        "</pre></del></details>",
        "<script>window.pwned=1</script>",
        "N`a|m<e> @octocat #1",
    ] {
        assert!(text.contains(hostile), "{hostile}");
    }
    // The policy holds against what a fault in the escaping would let through.
    browser.run(
        "const s = document.createElement('script'); s.textContent = 'window.pwned = 1'; document.body.append(s); const i = document.createElement('img'); i.src = 'https://evil.example/x.png'; document.body.append(i);",
    );
    assert_eq!(browser.run("return window.pwned === undefined"), true);
    let refused = browser.console();
    assert!(
        refused.iter().any(|line| line.contains("script-src"))
            && refused.iter().any(|line| line.contains("evil.example") && line.contains("default-src")),
        "{refused:?}"
    );
}

#[test]
fn the_page_is_usable_by_keyboard_and_tells_a_screen_reader_what_it_shows() {
    let Some(browser) = browser(1200, false) else { return };
    let case = case("three_origins");
    let _folder = load(&browser, "keyboard", &case.plan, case.mood);
    browser.run("document.querySelector('#close').click()");
    // Enter opens and closes what has the focus.
    let open = "return document.querySelector('.persona > details').open";
    browser.keys(".persona > details > summary", "\u{e007}");
    assert_eq!(browser.run(open), true);
    // Everything that can be worked is reached by Tab, in the order of the page, and has a name.
    let names = browser.run(
        "return [...document.querySelectorAll('a[href], button, input, summary')].filter(e => e.tabIndex >= 0 && e.checkVisibility()).map(e => (e.getAttribute('aria-label') || (e.labels && e.labels[0] ? e.labels[0].textContent : e.textContent)).trim())",
    );
    let names: Vec<&str> = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(names.iter().all(|name| !name.is_empty()), "{names:?}");
    assert_eq!(names[..2], ["Skip to the personas", "Persona"]);
    // Landmarks, one heading of each level in order, a live region; marks are told in words, not by colour.
    let structure = browser.run(
        "const content = (e, p) => getComputedStyle(e, p).content; const d = document.createElement('del'); document.body.append(d); return [document.documentElement.lang, document.querySelectorAll('main').length, document.querySelectorAll('header').length, document.querySelector('.status').getAttribute('role'), [...document.querySelectorAll('h1, h2, h3')].map(h => h.tagName).join('').replace(/(H2|H3)+/, 'rest'), content(d, '::before')]",
    );
    assert_eq!(structure, json!(["en", 1, 1, "status", "H1rest", "\" [removed: \""]));
}

/// How much darker the ink is than the paper.
const CONTRAST: &str = "
    const light = (text) => { const [r, g, b] = text.match(/\\d+/g).map(Number).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const paper = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!c.startsWith('rgba(0, 0, 0, 0')) return c; } return 'rgb(255,255,255)'; };
    const ratios = [...document.querySelectorAll('h1, .facts, .counts li, .badge, .meta, del, ins, .fold summary, .legend dd, button, code')].filter(e => e.checkVisibility()).map(e => { const [a, b] = [light(getComputedStyle(e).color), light(paper(e))].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); });
    return [ratios.length > 10, Math.min(...ratios) >= 4.5, light(paper(document.body)) < 0.5]";

#[test]
fn light_and_dark_are_both_readable_and_a_narrow_window_does_not_scroll_sideways() {
    for dark in [false, true] {
        let Some(browser) = browser(if dark { 1200 } else { 500 }, dark) else { return };
        let case = case("three_origins");
        let _folder = load(&browser, if dark { "dark" } else { "narrow" }, &case.plan, case.mood);
        assert_eq!(browser.run(CONTRAST), json!([true, true, dark]), "dark: {dark}");
        let case = report_support::case("hostile_text");
        let _folder =
            load(&browser, if dark { "dark-hostile" } else { "narrow-hostile" }, &case.plan, case.mood);
        let wide = "document.querySelector('#open').click(); document.querySelector('input[value=side]').click(); return document.documentElement.scrollWidth > document.documentElement.clientWidth";
        assert_eq!(browser.run(wide), false);
    }
}

/// So many personas that each begins closed, with prompts of ten thousand words.
fn many() -> Plan {
    let end = |i: usize| if i % 60 == 59 { ".\n\n" } else { " " };
    let before: String = (0..10_000).map(|i| format!("word{i}{}", end(i))).collect();
    let after = |index: usize| before.replace(&format!("word{} ", index * 45 + 1), "changed ");
    plan_of((0..200).map(|i| prompt_change(&format!("Persona {i}"), &before, &after(i))).collect())
}

#[test]
fn without_scripts_everything_is_there_and_can_be_unfolded() {
    let Some(browser) = started(Browser::start(1200, false, false)) else { return };
    let _folder = load(&browser, "no-script", &many(), Mood::Plan);
    let first = ".persona:first-of-type";
    assert_eq!(browser.text(&format!("{first} .words")), "");
    browser.click(&format!("{first} summary"));
    let shown = browser.text(&format!("{first} .words"));
    assert!(shown.contains("word1changed word2"), "{shown}");
    assert_eq!(browser.text(".tools"), "");
    browser.click(&format!("{first} .fold:last-of-type summary"));
    assert!(browser.text(&format!("{first} .words")).contains("word9999"));
}

#[test]
fn two_hundred_personas_with_long_prompts_are_all_there_and_only_open_ones_are_laid_out() {
    let Some(browser) = browser(1200, false) else { return };
    let plan = many();
    let _folder = load(&browser, "many", &plan, Mood::Plan);
    assert_eq!(browser.run("return document.querySelectorAll('.persona').length"), 200);
    assert_eq!(browser.run("return document.querySelectorAll('.persona > details[open]').length"), 0);
    // What is closed costs next to nothing.
    assert_eq!(browser.run("return document.querySelectorAll('.words, pre').length"), 0);
    browser.keys("#search", "persona 199");
    assert_eq!(browser.run(SHOWN), json!(["Persona 199"]));
    browser.run("document.querySelector('#open').click()");
    let marks: Value = browser.run("return [...document.querySelectorAll('.persona:not([hidden]) :is(del, ins)')].map(e => e.textContent)");
    assert_eq!(marks, json!(["word8956", "changed"]));
}
