# Debian packages by CPack, one for each component: `cpack --config build/release/CPackConfig.cmake -B FOLDER`. What is
# done when they are installed and removed: deploy/debian.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "The Mirrorway authors")
set(CPACK_PACKAGE_CONTACT "The Mirrorway authors <mirrorway@localhost>")
set(CPACK_COMPONENTS_ALL common frontend catalog)
set(CPACK_STRIP_FILES ON)
# Units name paths, which are those where they will be.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

set(common_depends "procps, systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
set(frontend_depends "mirrorway-common (= ${PROJECT_VERSION}), curl")
set(catalog_depends ${frontend_depends})
set(frontend_recommends "ca-certificates, logrotate")
set(catalog_recommends "ca-certificates, bgpdump, bzip2, openssh-client")
set(common_suggests "default-mta | mail-transport-agent")
set(frontend_suggests "nginx | apache2, npm, geoipupdate, mmdb-bin")
set(catalog_suggests "nginx, postgresql")
set(common_about "This package has what mirrorway-frontend and mirrorway-catalog have in common:
the configuration and the users.")
set(frontend_about "This package has the HTTP front end and the cache server, which answer package
managers from a snapshot file.")
set(catalog_about "This package has the command line for the catalog of mirrors, and the builder of
the snapshots that mirrorway-frontend answers from.")
set(scripts ${PROJECT_SOURCE_DIR}/deploy/debian)
set(services ${scripts}/services/postinst ${scripts}/services/prerm ${scripts}/services/postrm)
set(common_scripts ${scripts}/common/postinst ${scripts}/common/postrm ${scripts}/common/conffiles)
set(frontend_scripts ${services} ${scripts}/frontend/conffiles)
set(catalog_scripts ${services})

foreach(component ${CPACK_COMPONENTS_ALL})
  string(TOUPPER ${component} key)
  set(CPACK_COMPONENT_${key}_DESCRIPTION "${${component}_about}")
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME mirrorway-${component})
  set(CPACK_DEBIAN_${key}_PACKAGE_DEPENDS "${${component}_depends}")
  set(CPACK_DEBIAN_${key}_PACKAGE_RECOMMENDS "${${component}_recommends}")
  set(CPACK_DEBIAN_${key}_PACKAGE_SUGGESTS "${${component}_suggests}")
  set(CPACK_DEBIAN_${key}_PACKAGE_CONTROL_EXTRA "${${component}_scripts}")
endforeach()
set(CPACK_DEBIAN_COMMON_PACKAGE_ARCHITECTURE all)
include(CPack)
