# Sourced by scripts that show that tests can fail. Expects BUILD, and the top folder as current one.

# mutant_monitor DIRECTORY FILE SUBSTITUTION: a private copy of the trusted world with FILE, below
# trusted/, edited by the Perl SUBSTITUTION; only what that touches is built again. The result is
# DIRECTORY/build/trusted/monitor.elf. An edit that changes nothing is a failure, but for s/\A//.
mutant_monitor() {
    mkdir -p "$1/build" || return 1
    cp -rp trusted base abi mk "$1" && cp -rp "$BUILD/trusted" "$1/build" || return 1
    perl -0777 -pi -e "$3" "$1/trusted/$2" || return 1
    if [ "$3" != 's/\A//' ] && cmp -s "trusted/$2" "$1/trusted/$2"; then
        echo "# the mutation matches nothing in trusted/$2"
        return 1
    fi
    touch "$1/trusted/$2"
    echo 'include mk/common.mk mk/trusted.mk trusted/build.mk' >"$1/Makefile"
    make -s -C "$1" BUILD=build WARNINGS=-std=gnu17 build/trusted/monitor.elf
}
