# SPDX-License-Identifier: BSD-2-Clause
case $1 in
setup) python3 -c pass ;;
run) exec python3 -I -S -c pass ;;
esac
