package io.splitkernel.fabric.disni;

import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import com.ibm.disni.util.NetUtils;
import java.lang.classfile.ClassFile;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.Map;

/**
 * Two of DiSNI's utility classes cannot be used as they are: {@code NativeAffinity} loads DiSNI's
 * JNI library, in every active endpoint group, and {@code MemoryUtils} uses a class that the JDK no
 * longer exports. They are defined here, before DiSNI asks for its own, with methods that call
 * {@link Utilities}; the jar stays as it is.
 */
final class UtilityClasses {
  private static final ClassDesc UTILITIES = ClassDesc.of(Utilities.class.getName());
  private static final int PUBLIC_STATIC = ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC;

  private UtilityClasses() {}

  static void define() {
    define(
        "com.ibm.disni.util.NativeAffinity",
        Map.of(
            "setAffinity", MethodTypeDesc.of(CD_void, CD_long),
            "getAffinity", MethodTypeDesc.of(CD_long)));
    define(
        "com.ibm.disni.util.MemoryUtils",
        Map.of(
            "getAddress",
            MethodTypeDesc.of(CD_long, ClassDesc.of(java.nio.ByteBuffer.class.getName()))));
  }

  private static void define(String name, Map<String, MethodTypeDesc> methods) {
    byte[] bytes =
        ClassFile.of()
            .build(
                ClassDesc.of(name),
                type -> {
                  type.withFlags(ClassFile.ACC_PUBLIC);
                  methods.forEach((method, signature) ->
                      type.withMethodBody(
                          method,
                          signature,
                          PUBLIC_STATIC,
                          code -> {
                            int slot = 0;
                            for (ClassDesc parameter : signature.parameterList()) {
                              TypeKind kind = TypeKind.from(parameter);
                              code.loadLocal(kind, slot);
                              slot += kind.slotSize();
                            }
                            code.invokestatic(UTILITIES, method, signature)
                                .return_(TypeKind.from(signature.returnType()));
                          }));
                });
    try {
      MethodHandles.privateLookupIn(NetUtils.class, MethodHandles.lookup()).defineClass(bytes);
    } catch (IllegalAccessException | LinkageError e) {
      throw new IllegalStateException(
          "DisniProvider.install() must come before any use of DiSNI: " + e.getMessage(), e);
    }
  }
}
