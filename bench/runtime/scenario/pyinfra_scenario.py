# The scenario of run-scenario.ts for pyinfra: the same thirty actions, in the same order.
from io import StringIO
from os import environ

from pyinfra import host
from pyinfra.operations import files, server

root = host.data.root
source = environ["SCENARIO_SOURCE"]
template = environ["SCENARIO_TEMPLATE"]

for index in range(4):
    files.directory(path=f"{root}/directory-{index}", mode="755")
for index in range(6):
    files.put(src=StringIO(f"content {index}\n" * 20), dest=f"{root}/directory-0/file-{index}", mode="644")
for index in range(3):
    files.put(src=source, dest=f"{root}/directory-1/copy-{index}", mode="644")
for index in range(3):
    files.template(
        src=template,
        dest=f"{root}/directory-2/service-{index}",
        mode="644",
        service=f"service-{index}",
        port=8000 + index,
    )
for index in range(4):
    files.line(path=f"{root}/directory-0/file-{index}", line=f"added = {index}")
for index in range(3):
    files.link(path=f"{root}/directory-3/link-{index}", target=f"{root}/directory-0/file-{index}")
for index in range(2):
    files.file(path=f"{root}/directory-0/file-{index + 4}", present=False)
for index in range(5):
    server.shell(commands=[f"uname -a >{root}/directory-3/ran-{index}"])
