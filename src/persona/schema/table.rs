//! The rows. Source: the vendor's API reference and changelog as of mid 2026, and what clients see in answers.

use super::field::{DefaultValue, Field, any, flag, free, number, object, objects, server, text, texts};
use super::sibling::Sibling;

/// Setting any field of this layer makes the server fill in the defaults of all its others.
pub const FORCE_DEFAULTS_LAYER: &str = "/layers/conversational_flow";

const PATIENCE: &[&str] = &["low", "medium", "high"];
const DISCLOSURE: &[&str] = &["always", "auto", "off"];
const INLINE_TOOLS: &str = "inline tools are deprecated by the vendor in favour of tool_ids; they still work";
const SERVER_SIDE: &str = "set by the server";

/// Every field of a persona that is known.
pub const FIELDS: &[Field] = &[
    // The persona itself.
    server(
        "/persona_id",
        "Id of the persona, made by the server; in a file it pins the persona that the file means.",
    ),
    text("/persona_name", "Name of the persona; not unique on the server, but unique among the files."),
    text(
        "/system_prompt",
        "What the persona is told about itself and its task; required unless pipeline_mode is echo.",
    ),
    text("/pipeline_mode", "How much of the pipeline is used.")
        .closed(&["full", "echo", "speech-to-speech"])
        .default_text("full"),
    text("/context", "Extra context for the conversation.")
        .deprecated("deprecated on 12 February 2026 and merged into system_prompt by the server")
        .renamed_to("/system_prompt"),
    text("/default_replica_id", "Replica that is used when a conversation names none.")
        .sibling(Sibling::Replicas)
        .empty_is_absent(),
    texts("/document_ids", "Documents that the persona may draw on.").unordered().sibling(Sibling::Documents),
    texts("/document_tags", "Tags of documents that the persona may draw on.").unordered(),
    text("/objectives_id", "The set of objectives that the persona pursues.")
        .sibling(Sibling::Objectives)
        .empty_is_absent(),
    text("/guardrails_id", "A legacy set of guardrails.")
        .deprecated("guardrail sets are legacy since 22 May 2026; use guardrail_ids or guardrail_tags")
        .sibling(Sibling::GuardrailSets)
        .empty_is_absent(),
    texts("/guardrail_ids", "Guardrails of the persona.")
        .unordered()
        .max_items(50)
        .sibling(Sibling::Guardrails),
    texts("/guardrail_tags", "Tags of guardrails to attach.").unordered(),
    text("/greeting", "What the persona says first."),
    texts("/tool_ids", "Registered tools of the persona.").unordered().max_items(50).sibling(Sibling::Tools),
    texts("/memories", "Lines that seed the persona's memory."),
    flag("/is_template", "Whether the persona is a template."),
    text("/persona_description", "A description for people."),
    texts("/languages", "Languages that the persona speaks."),
    text("/disclosure_type", "When the persona says that it is an AI.")
        .closed(DISCLOSURE)
        .default_text("auto"),
    text("/verbal_disclosure", "Whether the disclosure is spoken.").default_text("auto"),
    text("/visual_disclosure", "Whether the disclosure is shown.").default_text("auto"),
    server("/created_at", "When the persona was created."),
    server("/updated_at", "When the persona was last changed."),
    server("/uuid", SERVER_SIDE),
    server("/owner_id", SERVER_SIDE),
    server("/session_id", SERVER_SIDE),
    server("/is_draft", SERVER_SIDE),
    server("/source_template_id", SERVER_SIDE),
    server("/registration_id", SERVER_SIDE),
    server("/persona_settings_id", SERVER_SIDE),
    server("/is_published", SERVER_SIDE),
    server("/has_unpublished_changes", "Whether someone has unpublished edits in the vendor's editor."),
    server("/is_draft_view", SERVER_SIDE),
    server("/publish_url", SERVER_SIDE),
    server("/persona_type", "user or system; a system persona is a stock one and cannot be edited."),
    object("/layers", "The layers of the pipeline."),
    // Language model.
    object("/layers/llm", "The language model."),
    text("/layers/llm/model", "Name of a hosted model, or any name together with base_url.")
        .open(&[
            "tavus-gpt-oss",
            "tavus-gemini-2.5-flash",
            "tavus-claude-haiku-4.5",
            "tavus-gpt-5.2",
            "tavus-gemini-3-flash",
            "tavus-glm-4.7",
            "tavus-gemma-4",
        ])
        .stale(&[
            "tavus-gpt-4.1",
            "tavus-gpt-4o",
            "tavus-gpt-4o-mini",
            "tavus-llama",
            "tavus-llama-3-8b-instruct",
            "tavus-llama-3.3-70b",
        ])
        .default(DefaultValue::Unstated),
    text("/layers/llm/base_url", "Address of your own model's server, without a route at its end.")
        .requires("/layers/llm/api_key")
        .empty_is_absent(),
    text("/layers/llm/api_key", "Key of your own model's server; needed with base_url.")
        .secret()
        .empty_is_absent(),
    flag(
        "/layers/llm/speculative_inference",
        "Whether the model starts to answer before the user has finished.",
    )
    .default(DefaultValue::Bool(true)),
    objects("/layers/llm/tools", "Functions that the model may call.").deprecated(INLINE_TOOLS).max_items(50),
    text("/layers/llm/tools/*/type", "Always function.").closed(&["function"]).default_text("function"),
    free("/layers/llm/tools/*/function", "The function."),
    text("/layers/llm/tools/*/function/name", "Name of the function, unique in its list.").max_chars(64),
    text(
        "/layers/llm/tools/*/function/description",
        "What the function does; the server does not give it back.",
    )
    .lossy()
    .max_chars(10_000),
    free("/layers/llm/tools/*/function/parameters", "The function's parameters as a JSON Schema."),
    free("/layers/llm/headers", "Headers for requests to your own model's server.")
        .secret()
        .empty_is_absent(),
    free("/layers/llm/extra_body", "Further members of the request to the model.").empty_is_absent(),
    number("/layers/llm/extra_body/temperature", "How freely the model words its answers.").range(0.0, 2.0),
    number("/layers/llm/extra_body/top_p", "Share of likely words that the model chooses from.")
        .range(0.0, 1.0),
    free("/layers/llm/default_query", "Query of requests to your own model's server.").empty_is_absent(),
    flag("/layers/llm/disable_vision", "Whether the model gets no images."),
    flag("/layers/llm/enable_llm_proxy", "Whether requests pass the vendor's proxy."),
    server("/layers/llm/model_name", SERVER_SIDE),
    server("/layers/llm/is_custom", SERVER_SIDE),
    server("/layers/llm/endpoint", SERVER_SIDE),
    // Voice.
    object("/layers/tts", "The voice."),
    text("/layers/tts/tts_engine", "Whose voice it is.")
        .closed(&["cartesia", "elevenlabs", "azure"])
        .stale(&["playht"])
        .default_text("cartesia"),
    text("/layers/tts/api_key", "Key for a private voice.").secret().empty_is_absent(),
    text("/layers/tts/external_voice_id", "The engine's id of the voice; wins over voice_id.")
        .empty_is_absent(),
    text("/layers/tts/voice_id", "Id of a Tavus voice.").empty_is_absent(),
    free("/layers/tts/voice_settings", "Settings of the voice, as the engine defines them.")
        .empty_is_absent(),
    number("/layers/tts/voice_settings/stability", "ElevenLabs: how even the voice is.").range(0.0, 1.0),
    number("/layers/tts/voice_settings/similarity_boost", "ElevenLabs: closeness to the sample.")
        .range(0.0, 1.0),
    number("/layers/tts/voice_settings/style", "ElevenLabs: strength of the style.").range(0.0, 1.0),
    flag("/layers/tts/voice_settings/use_speaker_boost", "ElevenLabs: whether likeness is boosted."),
    any("/layers/tts/voice_settings/speed", "Pace: a number, or a word such as normal."),
    texts("/layers/tts/voice_settings/emotion", "Cartesia sonic-2: emotions."),
    flag("/layers/tts/tts_emotion_control", "Whether the voice follows the mood of the text.")
        .default(DefaultValue::Bool(true)),
    text("/layers/tts/tts_model_name", "Model of the voice engine; not allowed with azure.")
        .open(&[
            "sonic-3",
            "sonic-2",
            "sonic",
            "sonic-turbo",
            "eleven_turbo_v2_5",
            "eleven_flash_v2_5",
            "eleven_multilingual_v2",
            "eleven_v3",
        ])
        .default_text("sonic-3"),
    text("/layers/tts/pronunciation_dictionary_id", "One pronunciation dictionary; empty for none.")
        .sibling(Sibling::Dictionaries)
        .empty_is_absent(),
    text("/layers/tts/playht_user_id", "Left over from an engine that was removed.")
        .deprecated("PlayHT was removed on 8 January 2026")
        .empty_is_absent(),
    // Hearing.
    object("/layers/stt", "Speech recognition."),
    text("/layers/stt/stt_engine", "Which recogniser is used.")
        .open(&["tavus-auto", "tavus-parakeet", "tavus-soniox", "tavus-whisper", "tavus-deepgram-medical"])
        .stale(&["tavus-advanced", "tavus-turbo"])
        .default_text("tavus-auto"),
    text("/layers/stt/hotwords", "Words to listen for, as one text."),
    text("/layers/stt/participant_pause_sensitivity", "How soon a pause counts as the end of a turn.")
        .closed(PATIENCE)
        .deprecated("moved to the conversational_flow layer")
        .renamed_to("/layers/conversational_flow/turn_taking_patience")
        .empty_is_absent(),
    text("/layers/stt/participant_interrupt_sensitivity", "How easily the user interrupts.")
        .closed(PATIENCE)
        .deprecated("moved to the conversational_flow layer")
        .renamed_to("/layers/conversational_flow/replica_interruptibility")
        .empty_is_absent(),
    flag("/layers/stt/smart_turn_detection", "Turn detection of an earlier generation.")
        .deprecated("moved to the conversational_flow layer; sparrow-1 overrides it")
        .renamed_to("/layers/conversational_flow/turn_detection_model"),
    // Seeing and hearing the user.
    object("/layers/perception", "What the persona notices about the user."),
    text("/layers/perception/perception_model", "Which perception model is used.")
        .closed(&["raven-1", "raven-0", "off"])
        .stale(&["basic"])
        .default_text("raven-1"),
    texts("/layers/perception/visual_awareness_queries", "Questions about the picture, asked all the time.")
        .max_chars(10_000),
    text("/layers/perception/visual_tool_prompt", "When to use the visual tools.")
        .max_chars(10_000)
        .empty_is_absent(),
    objects(
        "/layers/perception/visual_tools",
        "Functions that the perception model may call on what it sees.",
    )
    .deprecated(INLINE_TOOLS)
    .max_items(50),
    text("/layers/perception/visual_tools/*/type", "Always function.")
        .closed(&["function"])
        .default_text("function"),
    free("/layers/perception/visual_tools/*/function", "The function."),
    text("/layers/perception/visual_tools/*/function/name", "Name of the function, unique in its list.")
        .max_chars(64),
    text(
        "/layers/perception/visual_tools/*/function/description",
        "What the function does; the server does not give it back.",
    )
    .lossy()
    .max_chars(10_000),
    free(
        "/layers/perception/visual_tools/*/function/parameters",
        "The function's parameters as a JSON Schema.",
    ),
    texts(
        "/layers/perception/audio_awareness_queries",
        "raven-1: questions about the sound, asked all the time.",
    )
    .max_chars(10_000),
    text("/layers/perception/audio_tool_prompt", "raven-1: when to use the audio tools.")
        .max_chars(10_000)
        .empty_is_absent(),
    objects("/layers/perception/audio_tools", "raven-1: functions to call on what is heard.")
        .deprecated(INLINE_TOOLS)
        .max_items(50),
    text("/layers/perception/audio_tools/*/type", "Always function.")
        .closed(&["function"])
        .default_text("function"),
    free("/layers/perception/audio_tools/*/function", "The function."),
    text("/layers/perception/audio_tools/*/function/name", "Name of the function, unique in its list.")
        .max_chars(64),
    text(
        "/layers/perception/audio_tools/*/function/description",
        "What the function does; the server does not give it back.",
    )
    .lossy()
    .max_chars(10_000),
    free(
        "/layers/perception/audio_tools/*/function/parameters",
        "The function's parameters as a JSON Schema.",
    ),
    texts(
        "/layers/perception/perception_analysis_queries",
        "Questions answered once, at the end of the call.",
    )
    .max_chars(10_000),
    text("/layers/perception/emotion_recognition", "How much of the user's mood is read.")
        .closed(&["full", "limited", "auto"])
        .default_text("auto"),
    texts("/layers/perception/ambient_awareness_queries", "Questions about the picture, under raven-0.")
        .deprecated("renamed by the vendor in early 2026")
        .renamed_to("/layers/perception/visual_awareness_queries"),
    text("/layers/perception/perception_tool_prompt", "When to use the perception tools, under raven-0.")
        .deprecated("renamed by the vendor in early 2026")
        .renamed_to("/layers/perception/visual_tool_prompt")
        .empty_is_absent(),
    objects("/layers/perception/perception_tools", "Functions of the perception model, under raven-0.")
        .deprecated("renamed by the vendor in early 2026")
        .renamed_to("/layers/perception/visual_tools"),
    text("/layers/perception/perception_tools/*/type", "Always function.")
        .closed(&["function"])
        .default_text("function"),
    free("/layers/perception/perception_tools/*/function", "The function."),
    text("/layers/perception/perception_tools/*/function/name", "Name of the function, unique in its list.")
        .max_chars(64),
    text(
        "/layers/perception/perception_tools/*/function/description",
        "What the function does; the server does not give it back.",
    )
    .lossy()
    .max_chars(10_000),
    free(
        "/layers/perception/perception_tools/*/function/parameters",
        "The function's parameters as a JSON Schema.",
    ),
    text("/layers/perception/tool_prompt", "When to use the perception tools, in the oldest vocabulary.")
        .deprecated("renamed by the vendor in early 2026")
        .renamed_to("/layers/perception/visual_tool_prompt")
        .empty_is_absent(),
    // Taking turns.
    object(
        "/layers/conversational_flow",
        "How turns are taken; inactive when absent, and filled with defaults once any field is set.",
    ),
    text("/layers/conversational_flow/turn_detection_model", "Which model tells when the user has finished.")
        .closed(&["sparrow-1", "sparrow-0", "timebased"])
        .default_text("sparrow-1"),
    text("/layers/conversational_flow/turn_taking_patience", "How long the persona waits before it speaks.")
        .closed(PATIENCE)
        .default_text("medium"),
    text(
        "/layers/conversational_flow/replica_interruptibility",
        "How easily the user interrupts the persona.",
    )
    .open(&["low", "medium", "high", "verylow"])
    .default_text("medium"),
    text("/layers/conversational_flow/voice_isolation", "Which voices are let through.")
        .closed(&["off", "near"])
        .default_text("near"),
    text("/layers/conversational_flow/wake_phrase", "What wakes the persona.").default(DefaultValue::Null),
    text("/layers/conversational_flow/sleep_phrase", "What sends the persona to sleep; needs wake_phrase.")
        .default(DefaultValue::Null),
    text("/layers/conversational_flow/idle_engagement", "Whether the persona speaks up when nobody does.")
        .closed(&["off", "patient", "eager"])
        .default_text("off"),
    any("/layers/conversational_flow/turn_commitment", "Seen in the vendor's client only."),
    any("/layers/conversational_flow/active_listening", "Seen in the vendor's client only."),
    any("/layers/conversational_flow/noise_cancellation", "Seen in the vendor's client only."),
    // Layers seen in the vendor's client only: their members are free.
    free("/layers/knowledge_base", "How documents are searched."),
    free("/layers/capabilities", "Capabilities such as search."),
    free("/layers/conferencing", "Conferencing; owned by the live side and patched in a request of its own.")
        .sent_alone(),
    free("/layers/transport", "How the call is carried."),
    free("/layers/sts", "Speech to speech."),
    free("/layers/mcp", "Connectors to outside tools."),
    free("/layers/vqa", "Left over from 2024.").deprecated("a dead layer of 2024 and 2025; use perception"),
];
