"""Storage's files in other people's hands: Word's, zip's, S3's."""

import hashlib
import io
import os
import shutil
import subprocess
import zipfile

import boto3
import docx
import pytest
from moto.server import ThreadedMotoServer

from mesh import ROOT, Service

DOCUMENT = """\
# A plan *in short*

First paragraph with **bold**, *italic*, ~~gone~~, `code` and a [link](https://example.org/a?b=1&c=2).

- one
- two
  1. nested first
  2. nested second
- [x] done

5. five
6. six

| Name | Count |
|:-----|------:|
| a < b | 1 |
| `c` | 2 |

> Quoted words.

```python
def f():
    return "<&>"
```

---

## Second level

![a picture](https://example.org/p.png) and \u202eright to left\u202c, emoji 🎉.
"""


@pytest.fixture(scope="module")
def storage():
    service = Service("storage")
    yield service
    service.stop()


def put(caller, name, content, run="run_1"):
    return caller.call(
        "put", owner="ada", run=run, name=name, contentType="text/markdown", content=content,
        key=f"{run} {name} {hashlib.sha256(content).hexdigest()}", author="agent:Writer")


@pytest.fixture(scope="module")
def word(storage):
    caller = storage.caller()
    artifact = put(caller, "plan.md", DOCUMENT.encode())
    exported = caller.call("export", id=artifact["id"], format="docx")
    assert exported["name"] == "plan.docx"
    return exported["content"]


def test_a_word_file_says_what_the_document_says(word):
    document = docx.Document(io.BytesIO(word))
    styles = [(p.style.name, p.text) for p in document.paragraphs]
    assert ("Heading 1", "A plan in short") in styles
    assert ("Heading 2", "Second level") in styles
    assert ("List Bullet", "one") in styles
    assert ("List Number", "nested first") in styles
    assert ("List Bullet", "☑ done") in styles
    assert ("List Number", "five") in styles
    assert ("Quote", "Quoted words.") in styles
    assert ("Code", 'def f():\n    return "<&>"') in styles
    assert document.core_properties.title == "A plan in short"
    assert document.core_properties.author == "agent:Writer"


def test_a_word_file_keeps_emphasis_links_and_tables(word):
    document = docx.Document(io.BytesIO(word))
    first = next(p for p in document.paragraphs if p.text.startswith("First paragraph"))
    assert [r.text for r in first.runs if r.bold] == ["bold"]
    assert [r.text for r in first.runs if r.italic] == ["italic"]
    assert [r.text for r in first.runs if r.font.strike] == ["gone"]
    links = {link.text: link.address for p in document.paragraphs for link in p.hyperlinks}
    assert links["link"] == "https://example.org/a?b=1&c=2"
    assert links["a picture"] == "https://example.org/p.png"
    (table,) = document.tables
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert cells == [["Name", "Count"], ["a < b", "1"], ["c", "2"]]


def test_lists_begin_with_their_own_numbers(word):
    document = docx.Document(io.BytesIO(word))
    numbers = document.part.numbering_part.element
    starts = {}
    for paragraph in document.paragraphs:
        if paragraph.text in ("nested first", "five"):
            number = paragraph._p.pPr.numPr.numId.val
            num = next(n for n in numbers.num_lst if n.numId == number)
            starts[paragraph.text] = num.lvlOverride_lst[0].startOverride.val
    assert starts == {"nested first": 1, "five": 5}


def test_a_word_file_survives_python_docx(word):
    document = docx.Document(io.BytesIO(word))
    again = io.BytesIO()
    document.save(again)
    texts = [p.text for p in docx.Document(io.BytesIO(again.getvalue())).paragraphs]
    assert texts == [p.text for p in document.paragraphs]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_opens_it(word, tmp_path):
    file = tmp_path / "plan.docx"
    file.write_bytes(word)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "txt:Text", "--outdir", tmp_path, file],
        check=True, timeout=120, stdout=subprocess.DEVNULL)
    text = (tmp_path / "plan.txt").read_text()
    for words in ("A plan in short", "1. nested first", "5. five", "a < b", "Second level"):
        assert words in text


def read_tree(caller, run):
    tree = caller.call("tree", run=run)
    content = b""
    while len(content) < tree["bytes"]:
        content += caller.call(
            "read-tree", run=run, tag=tree["tag"], offset=len(content), length=300_000)["content"]
    return content


def test_a_run_is_a_zip_file_that_others_can_read(storage):
    caller = storage.caller()
    files = {"read me.txt": b"hello", "src/main.py": b"print(1)\n" * 50_000, "ü/ß.txt": b""}
    for name, content in files.items():
        put(caller, name, b"older" + content, run="run_zip")
        put(caller, name, content, run="run_zip")
    with zipfile.ZipFile(io.BytesIO(read_tree(caller, "run_zip"))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files


@pytest.fixture(scope="module")
def bucket():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    client = boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
        aws_access_key_id="test", aws_secret_access_key="test")
    client.create_bucket(Bucket="atelier")
    yield client
    server.stop()


def test_the_suite_of_storage_holds_against_a_bucket(bucket):
    environment = dict(os.environ, ATELIER_TEST_S3=bucket.meta.endpoint_url)
    environment["SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH"] = "4"
    done = subprocess.run(
        ["swift", "test", "--skip-build", "--filter", "^StorageTests"], cwd=ROOT, env=environment,
        timeout=600, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4_000:]


def test_boto3_reads_what_we_wrote(bucket):
    service = Service(
        "storage", S3_ENDPOINT=bucket.meta.endpoint_url, S3_BUCKET_NAME="atelier",
        S3_ACCESS_KEY_ID="test", S3_SECRET_ACCESS_KEY="test", S3_PREFIX="mine/")
    try:
        caller = service.caller()
        small = b"a small one"
        large = bytes(range(256)) * 80_000  # three parts
        put(caller, "small", small)
        upload = caller.call(
            "begin-upload", owner="ada", name="large", contentType="a/b", bytes=len(large),
            key="large")
        for offset in range(0, len(large), 1 << 20):
            caller.call(
                "append-upload", id=upload["id"], owner="ada", offset=offset,
                content=large[offset:offset + (1 << 20)])
        caller.call("finish-upload", key="large", owner="ada")
        for content in (small, large):
            name = hashlib.sha256(content).hexdigest()
            found = bucket.get_object(Bucket="atelier", Key=f"mine/{name[:2]}/{name[2:]}")
            assert found["Body"].read() == content
    finally:
        service.stop()
