#!/bin/sh
# In place of this file: the script of https://get.k3s.io, which you have read.
echo 'put the installer of k3s into k3s-install.sh' >&2
exit 1
