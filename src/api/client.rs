//! The two clients: one that reads, and one that writes and is made on purpose.

use super::answer::Answer;
use super::decode::{self, Entry, Listing, Page};
use super::error::{ApiError, Effect, ErrorKind};
use super::request::{PAGE_SIZE, Request};
use super::settings::Settings;
use super::transport::Transport;
use crate::persona::{Document, Live};
use json_patch::Patch;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::task::JoinSet;

/// A listing with more pages than this does not end.
const MOST_PAGES: usize = 10_000;

/// Pages that are asked for before it is known that they exist.
const PAGES_AT_ONCE: usize = 16;

/// Reads an account. It has no call that writes.
#[derive(Debug, Clone)]
pub struct ReadClient {
    transport: Arc<Transport>,
}

/// An answer to look at as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// A page of the listing.
    Page(usize),
    /// One persona.
    Persona(String),
}

/// Reads and writes an account.
#[derive(Debug, Clone)]
pub struct WriteClient {
    reader: ReadClient,
}

/// How a PATCH ended.
#[derive(Debug, Clone)]
pub enum PatchOutcome {
    /// The server says that it did it.
    Applied {
        /// The persona, where the answer holds it.
        document: Option<Document>,
        /// Somebody's unpublished edits were dropped for it.
        discarded: bool,
    },
    /// 304: live already was what the patch makes of it.
    InSync,
    /// The change went to a draft and is not live.
    Routed {
        /// Where it can be published, as the server says.
        publish_url: String,
    },
}

/// A persona that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its `persona_id`.
    pub id: String,
}

impl ReadClient {
    /// A client that builds its connection on first use.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        ReadClient { transport: Arc::new(Transport::new(settings)) }
    }

    /// How it was set up.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        self.transport.settings()
    }

    /// One persona.
    pub async fn get(&self, id: &str) -> Result<Live, ApiError> {
        let request = Request::get(id)?;
        self.transport.call(&request, |answer| decode::one(answer, id)).await
    }

    /// Ids and names of the account's own personas, each once.
    ///
    /// The page base is disputed, so pages count from 1, and page 0 is asked for where fewer ids came than the
    /// server says there are. If they still are fewer, the listing is not complete.
    pub async fn list(&self) -> Result<Listing, ApiError> {
        let mut found = Found::default();
        let first = self.page(1).await?;
        let size = first.entries.len();
        let mut next = 2;
        let mut ended = found.add(first) == 0;
        // Once the number of pages is known, they need not wait for each other; but a server's word for it is not
        // taken further than it brings personas.
        if let Some(total) = found.total.filter(|_| size > 0) {
            let last = total.div_ceil(size).min(MOST_PAGES);
            // A first page that is not full may be the last of a server that counts from 0.
            let mut at_once = if size < PAGE_SIZE { 1 } else { PAGES_AT_ONCE };
            while next <= last && !ended {
                let until = last.min(next + at_once - 1);
                at_once = PAGES_AT_ONCE;
                let pages = self.pages(next..=until).await?;
                ended = pages.into_iter().map(|page| found.add(page)).sum::<usize>() == 0;
                next = until + 1;
            }
        }
        let mut repeated = false;
        while !ended && !found.whole() {
            if next > MOST_PAGES {
                let reason = format!("the listing does not end after {MOST_PAGES} pages");
                let kind = ErrorKind::WrongContent { reason };
                return Err(ApiError::new(super::Method::Get, "/v2/personas", kind));
            }
            let page = self.page(next).await?;
            repeated = !page.entries.is_empty();
            ended = found.add(page) == 0;
            next += 1;
        }
        // Without a total, a server that sends the same page again may hold more than one page.
        let unsure = found.total.is_none() && ended && repeated && size >= PAGE_SIZE;
        if !found.whole() {
            match self.page(0).await {
                Ok(page) => {
                    found.add(page);
                }
                // A server that counts from 1 may refuse a page 0.
                Err(error) if error.effect() == Effect::Refused && error.status() != Some(401) => {}
                Err(error) => return Err(error),
            }
        }
        let complete = match found.total {
            Some(total) => found.entries.len() >= total,
            None => !unsure,
        };
        Ok(Listing { entries: found.entries, complete, total: found.total })
    }

    /// All elements of the listing of a kind of sibling, such as `/v2/objectives`, by their whole JSON.
    pub async fn siblings(&self, path: &'static str) -> Result<Vec<Value>, ApiError> {
        let mut all: Vec<Value> = Vec::new();
        // Documented to count from 0 for some kinds and from 1 for others.
        for page in 0..MOST_PAGES {
            let (elements, total) = self.transport.call(&Request::siblings(path, page), decode::list).await?;
            let before = all.len();
            for element in elements {
                if !all.contains(&element) {
                    all.push(element);
                }
            }
            let whole = total.is_some_and(|total| all.len() >= total);
            // Where pages count from 1, the page 0 may be the page 1 once more.
            if whole || (all.len() == before && page > 1) {
                break;
            }
        }
        Ok(all)
    }

    /// An answer as it is, for `doctor`. It may hold secrets.
    pub async fn look(&self, what: &Look) -> Result<Answer, ApiError> {
        let request = match what {
            Look::Page(number) => Request::list(*number),
            Look::Persona(id) => Request::get(id)?,
        };
        let read = |answer: &Answer| if answer.is_html() { Err(ErrorKind::Html) } else { Ok(answer.clone()) };
        self.transport.call(&request, read).await
    }

    async fn page(&self, number: usize) -> Result<Page, ApiError> {
        self.transport.call(&Request::list(number), decode::page).await
    }

    /// Several pages at once, in their order.
    async fn pages(&self, numbers: std::ops::RangeInclusive<usize>) -> Result<Vec<Page>, ApiError> {
        let mut tasks = JoinSet::new();
        for number in numbers {
            let client = self.clone();
            tasks.spawn(async move { (number, client.page(number).await) });
        }
        let mut pages = Vec::new();
        while let Some(ended) = tasks.join_next().await {
            match ended {
                Ok((number, page)) => pages.push((number, page?)),
                // Nobody cancels these; a panic inside goes on outside.
                Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
                Err(_) => {}
            }
        }
        pages.sort_by_key(|(number, _)| *number);
        Ok(pages.into_iter().map(|(_, page)| page).collect())
    }
}

impl WriteClient {
    /// A client that may write.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        WriteClient { reader: ReadClient::new(settings) }
    }

    /// The part that only reads; both share connections, places and pauses.
    #[must_use]
    pub fn reader(&self) -> &ReadClient {
        &self.reader
    }

    /// Changes a persona. 304 means that it already was so.
    pub async fn patch(&self, id: &str, patch: &Patch, force: bool) -> Result<PatchOutcome, ApiError> {
        let request = Request::patch(id, patch, force)?;
        let read = |answer: &Answer| {
            if answer.status == 304 {
                return Ok(PatchOutcome::InSync);
            }
            let Some(members) = decode::patched(answer)? else {
                return Ok(PatchOutcome::Applied { document: None, discarded: false });
            };
            if let Some(url) =
                members.get("publish_url").and_then(Value::as_str).filter(|url| !url.is_empty())
            {
                return Ok(PatchOutcome::Routed { publish_url: url.to_owned() });
            }
            let discarded = members.get("discarded_maker_changes") == Some(&Value::Bool(true));
            let whole = members.contains_key("persona_id")
                && ["layers", "system_prompt"].iter().any(|name| members.contains_key(*name));
            let document = whole.then(|| Document::new(Value::Object(members)));
            Ok(PatchOutcome::Applied { document, discarded })
        };
        self.reader.transport.call(&request, read).await
    }

    /// Creates a persona.
    pub async fn create(&self, document: &Document) -> Result<Created, ApiError> {
        let request = Request::create(document.reveal())?;
        let id = self.reader.transport.call(&request, decode::created).await?;
        Ok(Created { id })
    }

    /// Deletes a persona.
    pub async fn delete(&self, id: &str) -> Result<(), ApiError> {
        let request = Request::delete(id)?;
        self.reader.transport.call(&request, decode::deleted).await
    }
}

/// What a listing has brought so far.
#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    ids: HashSet<String>,
    total: Option<usize>,
}

impl Found {
    /// Takes in a page and says how many of its personas are new.
    fn add(&mut self, page: Page) -> usize {
        // The newest word counts: personas come and go meanwhile.
        self.total = page.total.or(self.total);
        let before = self.entries.len();
        for entry in page.entries {
            if self.ids.insert(entry.id.clone()) {
                self.entries.push(entry);
            }
        }
        self.entries.len() - before
    }

    fn whole(&self) -> bool {
        self.total.is_some_and(|total| self.entries.len() >= total)
    }
}
