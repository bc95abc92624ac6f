# What must hold for the tree itself; see also tools/.
CHECKS += $(addprefix tests/repository/,format.sh layering.sh lint-enclave.sh run-tests.sh \
                                        setup.sh install.sh fuzz.sh links.pl)
CHECKS += tests/e2e/reproducible.sh
TORTURE += tests/repository/torture-fuzz.sh
