"""The compiled parts. They are optional: without a compiler pressmark runs the same code in Python, slower.

All else about the build stands in pyproject.toml; why there is C at all: docs/decisions/0006.
"""

from setuptools import Extension, setup

#: Modules that stand beside a `.pxd` which gives their classes C types, and what is written for C alone.
MODULES = {
    "pipelines.html_elements": "pipelines/html_elements.py",
    "pipelines.html_markdown": "pipelines/html_markdown.py",
    "pipelines.html_walk": "pipelines/html_walk.py",
    "pipelines.model.kernels": "pipelines/model/kernels.pyx",
}
FLAGS = ["-O2", "-g0"]


def extensions() -> list[Extension]:
    try:
        from Cython.Build import cythonize
    except ImportError:  # built without isolation, in an environment that has no Cython
        return []
    found: list[Extension] = cythonize(
        [Extension(name, [path], extra_compile_args=FLAGS, optional=True) for name, path in MODULES.items()],
        build_dir="build/cython",
        language_level=3,
        # The annotations are mypy's: C types are named in the .pxd files.
        compiler_directives={"annotation_typing": False},
    )
    for extension in found:  # Cython makes new ones, which forget it
        extension.optional = True
    return found


setup(ext_modules=extensions())
