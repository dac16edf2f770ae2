"""What a page loads: the right bytes, in the form the browser asked for, cached as long as they stay true."""

from __future__ import annotations

import gzip
import json
import re
import subprocess

import brotli
import pytest

from tests.made import site_config
from tests.service_process import Service
from tests.web import get, request


def test_the_script_is_whole_javascript_in_every_encoding(service: Service, version: str) -> None:
    url = f"{service.url}/s/boutique.js"
    plain = get(url)
    assert plain.status == 200
    assert plain.headers["content-type"].startswith("text/javascript")
    assert version.encode() in plain.body
    assert b"__TEMOIN_CONFIG__" not in plain.body
    compressed = get(url, Accept_Encoding="gzip, deflate, br, zstd")
    assert compressed.headers["content-encoding"] == "br"
    assert brotli.decompress(compressed.body) == plain.body
    zipped = get(url, Accept_Encoding="gzip")
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == plain.body
    parsed = subprocess.run(["node", "--check", "--input-type=commonjs", "-"], input=plain.body, capture_output=True)
    assert parsed.returncode == 0, parsed.stderr


def test_an_encoding_that_the_browser_rules_out_is_not_sent(service: Service, version: str) -> None:
    answer = get(f"{service.url}/s/boutique.js", Accept_Encoding="br;q=0, gzip;q=0")
    assert "content-encoding" not in answer.headers


def test_the_script_is_cached_briefly_and_revalidated_for_nothing(service: Service, version: str) -> None:
    url = f"{service.url}/s/boutique.js"
    first = get(url, Accept_Encoding="br")
    assert "stale-while-revalidate" in first.headers["cache-control"]
    assert "immutable" not in first.headers["cache-control"]
    assert "Accept-Encoding" in first.headers["vary"]
    for tag in (first.headers["etag"], f"W/{first.headers['etag']}", f'"other", {first.headers["etag"]}', "*"):
        again = get(url, If_None_Match=tag)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert get(url, If_None_Match='"other"').status == 200


def test_other_languages_are_immutable_files_under_a_name_from_their_content(service: Service, version: str) -> None:
    script = get(f"{service.url}/s/boutique.js").body.decode()
    found = re.search(r'"languages":({[^}]*})', script)
    assert found
    languages = json.loads(found[1])
    assert set(languages) == {"fr", "en"}
    for language, digest in languages.items():
        answer = get(f"{service.url}/s/boutique/{digest}.{language}.json")
        assert answer.status == 200
        assert "immutable" in answer.headers["cache-control"]
        assert set(answer.json) >= {"tree", "text"}
    assert get(f"{service.url}/s/boutique/{'0' * 16}.en.json").error == "unknown_file"


def test_a_publish_reaches_the_script_within_a_second_or_so(service: Service) -> None:
    first = service.publish(site_config(site="changing"))
    url = f"{service.url}/s/changing.js"
    assert first.encode() in get(url).body
    second = service.publish(site_config(site="changing", choice_validity="P6M"))
    assert first != second
    seen = get(url).body
    while second.encode() not in seen:
        assert first.encode() in seen
        seen = get(url).body


@pytest.mark.parametrize(
    "path", ["/s/nowhere.js", "/s/../etc/passwd.js", "/s/boutique/../../secret", "/s/boutique/", "/s/"]
)
def test_what_is_not_there_is_not_found(service: Service, version: str, path: str) -> None:
    answer = get(service.url + path)
    assert answer.status == 404
    assert answer.error in ("unknown_site", "unknown_file", "unknown_address")


def test_only_reading_is_allowed(service: Service, version: str) -> None:
    for path in ("/s/boutique.js", "/s/boutique/x.fr.json"):
        answer = request("POST", service.url + path)
        assert (answer.status, answer.error) == (405, "method_not_allowed")
        assert answer.headers["allow"] == "GET, HEAD"
    head = request("HEAD", f"{service.url}/s/boutique.js")
    assert (head.status, head.body) == (200, b"")


def test_every_answer_names_its_site_to_caches(service: Service, version: str) -> None:
    url = f"{service.url}/s/boutique.js"
    script = get(url)
    revalidated = get(url, If_None_Match=script.headers["etag"])
    assert revalidated.status == 304
    for answer in (script, revalidated):
        assert answer.headers["surrogate-key"] == answer.headers["cache-tag"] == "temoin-boutique"
