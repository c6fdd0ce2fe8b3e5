# -*- coding: utf-8 -*-
"""Measure the Jiaxing sample and write its map site: python3 scripts/demo.py.

This file is kept readable to any Python, so that an old one hears what it lacks.
"""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write(
        "jxgis needs Python 3.11 or newer, and this is Python %d.%d (%s). Install a newer one from "
        "https://www.python.org/downloads/ and run this script with it.\n"
        "jxgis 需要 Python 3.11 或更高版本,当前为 %d.%d。请安装新版本后再运行本脚本。\n"
        % (sys.version_info[:2] + (sys.executable,) + sys.version_info[:2])
    )
    sys.exit(2)

import environment

if __name__ == "__main__":
    sys.exit(environment.run(environment.demo))
