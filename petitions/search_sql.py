"""How does PostgreSQL part a text into words?  SQL for migrations; `petitions.search_words.bigrams` in Python is its twin.

Index and question must hold the same expression:

    CREATE INDEX petition_words ON petitions_petition
        USING gin (array_to_tsvector(petitions_bigrams(title || ' ' || content)));
    ... WHERE array_to_tsvector(petitions_bigrams(title || ' ' || content)) @@ %s::tsquery
          AND title || ' ' || content ILIKE %s

Made fast by measuring (250 characters a row, 2 cores shared, PostgreSQL 18; microseconds a row): this loop over an array
90; unnest of two arrays 100; lead() over a window 124; two regexp_matches 186; regexp_replace with lookaround 204;
subscripts in a query 245; two regexp_replace 284; substr by number 756. Doubling each character by regexp_replace took
66 but leaves single characters behind, and the larger index costs more than it saves. Three quarters of the time to
build the index is GIN's own.
"""

from __future__ import annotations

from petitions.search_words import LONGEST_WORD, MOST_CHARACTERS, PARTING

# string_to_array(…, NULL, ' ') makes one element of each character and NULL of each blank, so that a pair reaching over
# a gap is NULL and array_remove drops it. COLLATE "C": only ASCII is lowered, whatever the database's locale.
CREATE_BIGRAMS = f"""
CREATE OR REPLACE FUNCTION petitions_bigrams(content text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 2000
AS $body$
DECLARE
    given text := left(content, {MOST_CHARACTERS}) COLLATE "C";
    marks text[] := string_to_array(regexp_replace(given, '[{PARTING}]+', ' ', 'g'), NULL, ' ');
    pairs text[] := marks;
    last int := cardinality(marks);
    words text := btrim(regexp_replace(lower(given COLLATE "C"), '[^a-z0-9]+', ' ', 'g'));
BEGIN
    FOR place IN 1 .. last - 1 LOOP
        pairs[place] := marks[place] || marks[place + 1];
    END LOOP;
    IF last > 0 THEN
        pairs[last] := NULL;
    END IF;
    IF words ~ '[a-z0-9]{{{LONGEST_WORD + 1}}}' THEN
        words := btrim(regexp_replace(
            regexp_replace(words, '[a-z0-9]{{{LONGEST_WORD + 1},}}', '', 'g'), ' +', ' ', 'g'));
    END IF;
    RETURN array_remove(pairs, NULL) || string_to_array(words, ' ');
END
$body$;
"""

DROP_BIGRAMS = "DROP FUNCTION IF EXISTS petitions_bigrams(text);"

# The words of a matter, as index and questions write them; {0} is a table alias with its dot, or empty.
WORDS_OF_PETITION = "array_to_tsvector(petitions_bigrams({0}title || ' ' || {0}content))"
# The words of a repeat filing, which alone has its own (the first filing's stand on the matter).
WORDS_OF_FILING = "array_to_tsvector(petitions_bigrams({0}content))"
