//! P57, P58: every persona of a listing is seen once, whatever the pages do, and part of a listing is never taken
//! for the whole.

use crate::support::raw::{RawServer, json};
use crate::support::{persona, reader, sandbox, sandbox_with};
use personactl::sandbox::{Fault, Options, Seed};
use serde_json::{Value, json};

fn personas(count: usize) -> Vec<Value> {
    (0..count).map(|n| persona(&format!("p{n:04}"), &format!("Persona {n}"))).collect()
}

fn page(ids: std::ops::Range<usize>, total: Option<usize>) -> String {
    let mut body =
        json!({"data": ids.map(|n| json!({"persona_id": format!("p{n:04}")})).collect::<Vec<_>>()});
    if let Some(total) = total {
        body["total_count"] = total.into();
    }
    body.to_string()
}

/// The number of the page that was asked for.
fn asked(line: &str) -> usize {
    let query = line.split_once("page=").unwrap().1;
    query.split(['&', ' ']).next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn every_size_is_seen_whole_and_once_p57() {
    for (count, most_requests) in [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)] {
        for from_zero in [false, true] {
            let options = Options {
                seed: Seed::Personas(personas(count)),
                pages_from_zero: from_zero,
                ..Options::default()
            };
            let sandbox = sandbox_with(options).await;
            let listing = reader(sandbox.endpoint()).list().await.unwrap();
            let mut ids: Vec<_> = listing.entries.iter().map(|entry| entry.id.clone()).collect();
            ids.sort();
            let wanted: Vec<_> = (0..count).map(|n| format!("p{n:04}")).collect();
            assert_eq!(ids, wanted, "{count} from {}", usize::from(!from_zero));
            assert!(listing.complete && listing.total == Some(count));
            // A server that counts from 0 costs a page that is empty and page 0.
            let requests = sandbox.recording().all().len();
            assert!(
                requests <= most_requests + if from_zero && count > 0 { 2 } else { 0 },
                "{count}: {requests}"
            );
        }
    }
}

#[tokio::test]
async fn stock_personas_are_not_listed_and_the_servers_page_size_does_not_matter() {
    let mut all = personas(23);
    all.push(json!({"persona_id": "p5t0c", "persona_name": "Stock", "persona_type": "system", "system_prompt": "x"}));
    let options = Options { seed: Seed::Personas(all), page_limit: Some(5), ..Options::default() };
    let sandbox = sandbox_with(options).await;
    let listing = reader(sandbox.endpoint()).list().await.unwrap();
    assert_eq!(listing.entries.len(), 23);
    assert!(listing.complete && listing.entries.iter().all(|entry| !entry.stock));
}

#[tokio::test]
async fn a_page_that_repeats_cannot_loop_and_is_no_whole_listing_p57() {
    for total in [Some(250), None] {
        let server = RawServer::start(move |_, _| json("200 OK", &page(0..100, total)));
        let listing = reader(&server.endpoint).list().await.unwrap();
        assert_eq!(listing.entries.len(), 100);
        assert!(!listing.complete, "{total:?}");
        assert!(server.seen().len() <= 6, "{} requests", server.seen().len());
    }
}

#[tokio::test]
async fn without_a_total_the_first_empty_page_ends_the_listing() {
    let server = RawServer::start(|_, seen| {
        let number = asked(&seen.line);
        json(
            "200 OK",
            &page(
                if number == 1 {
                    0..100
                } else if number == 2 {
                    100..130
                } else {
                    0..0
                },
                None,
            ),
        )
    });
    let listing = reader(&server.endpoint).list().await.unwrap();
    assert_eq!((listing.entries.len(), listing.complete), (130, true));
}

#[tokio::test]
async fn a_total_that_nobody_can_reach_makes_the_listing_incomplete() {
    for total in [12, 1_000_000_000] {
        let server = RawServer::start(move |_, seen| {
            json("200 OK", &page(if asked(&seen.line) <= 1 { 0..10 } else { 0..0 }, Some(total)))
        });
        let listing = reader(&server.endpoint).list().await.unwrap();
        assert_eq!((listing.entries.len(), listing.complete, listing.total), (10, false, Some(total)));
        assert!(server.seen().len() <= 20, "{} requests for a total of {total}", server.seen().len());
    }
}

#[tokio::test]
async fn a_page_0_that_is_refused_is_no_error() {
    let server = RawServer::start(|_, seen| match asked(&seen.line) {
        0 => json("400 Bad Request", r#"{"error": "page must be at least 1"}"#),
        1 => json("200 OK", &page(0..10, Some(12))),
        _ => json("200 OK", &page(0..0, Some(12))),
    });
    let listing = reader(&server.endpoint).list().await.unwrap();
    assert_eq!((listing.entries.len(), listing.complete), (10, false));
}

#[tokio::test]
async fn a_listing_that_fails_half_way_is_a_failure_p58() {
    let sandbox = sandbox(personas(250)).await;
    // The first page is let through; whatever is asked next fails for good.
    sandbox.set_faults(vec!["500,after=1".parse::<Fault>().unwrap()]);
    let error = reader(sandbox.endpoint()).list().await.unwrap_err();
    assert_eq!((error.code(), error.path()), ("server-error", "/v2/personas"));
}

#[tokio::test]
async fn siblings_are_listed_whatever_their_page_base() {
    let sandbox = sandbox(Vec::new()).await;
    let client = reader(sandbox.endpoint());
    for (path, count) in [
        ("/v2/objectives", 2),
        ("/v2/documents", 2),
        ("/v2/replicas", 5),
        ("/v2/pronunciation-dictionaries", 1),
    ] {
        assert_eq!(client.siblings(path).await.unwrap().len(), count, "{path}");
    }
}
